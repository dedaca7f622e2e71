//! 5xxx: records, keys, links, quarantine, conflicts.

codes! {
    NOT_FOUND = 5001, "record_not_found", "没有这条记录", "编号有误或记录尚未到达", "核对编号";
    DUPLICATE = 5002, "duplicate", "数据重复", "同一编号或名称已登记", "核对后改用已有数据，或换一个编号";
    BROKEN_LINK = 5003, "broken_link", "引用的数据不存在", "所引用的数据尚未到达，或要删除的数据仍被引用", "先补齐被引用的数据，再重做这一步";
    AMBIGUOUS_KEY = 5004, "ambiguous_key", "业务编号指向多条记录", "来文的几个编号分别属于不同记录", "核对来文的编号，或由数据管理员合并记录";
    STALE = 5005, "stale_version", "数据已被他人改动", "打开之后有人先保存了同一数据", "重新打开，对比差异后再保存";
    KEY_REUSED = 5006, "idempotency_key_reused", "幂等键已用于另一份报文", "同一个 Idempotency-Key 又发来了内容不同的报文", "换一个新的幂等键重发；如确要重发原报文，请保持内容一致";
    NUMBER_UNAVAILABLE = 5007, "number_unavailable", "文号不能用", "该号已被占用、作废或不是预留号", "打开文号簿核对，改用可用的号";
    MENDING = 5014, "mending", "现在不能集中处理", "这一组没有隔离报文，已有一次正在处理，或已经结束", "刷新页面，看过现状再办";
    EXPORT_TOO_LONG = 5012, "export_too_long", "导出的条数过多", "符合条件的记录超过一次导出的上限", "用名称、编号或行政区划缩小范围，分几次导出";
    MIXED_WITH_DEMO = 5013, "mixed_with_demo", "演示数据和真实数据混在一起", "载入演示数据之后又收了报文、制了文或导入了任务", "真实业务请另建数据目录或数据库；要弃掉全部数据时删除数据目录";
    SUBSCRIPTION_WRONG = 5020, "subscription_wrong", "订阅的约定不成立", "类别、字段、报文、网址或授权有一项不对", "按各条问题改正后再登记";
    URL_NOT_ALLOWED = 5021, "url_not_allowed", "不允许向这个网址投递", "网址的主机不在配置 outbox.allow 列出的范围内", "核对网址；确需投递的，由系统管理员加入 outbox.allow";
    CURSOR_AHEAD = 5022, "cursor_ahead", "游标超过现有位置", "游标抄错，或中枢从较早的备份恢复过", "核对游标；中枢恢复过备份的，从恢复说明给出的位置重新拉取";
    SUBSCRIPTION_STOPPED = 5023, "subscription_stopped", "订阅已停止", "订阅被停用或授权已到期", "请中枢管理员恢复或续期";
}
