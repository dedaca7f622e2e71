//! 5xxx: records, keys, links, quarantine, conflicts.

codes! {
    NOT_FOUND = 5001, "record_not_found", "没有这条记录", "编号有误或记录尚未到达", "核对编号";
}
