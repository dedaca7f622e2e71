//! 7xxx: tasks and deadlines.

codes! {
    UNKNOWN_TASK = 7001, "unknown_task", "没有这项任务", "任务编号有误", "核对任务编号";
}
