//! 7xxx: tasks and deadlines.

codes! {
    UNKNOWN_TASK = 7001, "unknown_task", "没有这项任务", "任务编号有误", "核对任务编号";
    UNKNOWN_PLAN = 7002, "unknown_plan", "没有这个任务方案", "方案编号有误，或方案尚未载入", "先载入或导入任务分解表";
    PLAN_FILE = 7003, "plan_file_invalid", "任务方案文件有误", "plan.toml 写法有误，或附件单元格与分解任务对不上", "按提示的行改正后重新载入";
    RULES_FILE = 7004, "light_rules_invalid", "亮灯与催办规则文件有误", "rules.toml 写法有误", "按提示的行改正后重新启动";
    NO_RULES_YET = 7005, "no_rules_in_force", "当日没有生效的亮灯规则", "规则文件的施行日期都晚于这一天", "在 rules.toml 中补上当时施行的版本";
    WRONG_STATE = 7010, "task_state_forbids", "任务当前状态不能这样办理", "办理顺序不对，或他人已先办理", "刷新后按当前状态办理";
    REQUEST_PENDING = 7011, "request_pending", "已有申请等待审批", "上一份申请尚未批复", "等待批复，或先撤回申请";
    NO_REQUEST = 7012, "no_request", "没有待审批的申请", "申请已批复或已撤回", "刷新后查看批复结果";
    DUE_NOT_LATER = 7013, "due_not_later", "申请的时限不晚于现时限", "延期应晚于现时限和今天", "填写更晚的时限";
    REASON_MISSING = 7014, "reason_missing", "没有填写理由", "延期、退回、暂缓等都要写明理由", "写明理由后再提交";
    PERCENT_RANGE = 7015, "percent_out_of_range", "完成比例应为 0 至 100 的整数", "完成比例填写有误", "填写 0 至 100 的整数";
    REPORT_EMPTY = 7016, "report_empty", "没有填写本期进展", "进度填报缺少必填内容", "写明本期做了什么，没有进展也请说明原因";
    EVIDENCE_MISSING = 7017, "completion_evidence_missing", "申请办结没有佐证", "办结要有文件、记录或数据佐证", "填写佐证材料的名称或编号";
    NOT_CONCERNED = 7018, "department_not_concerned", "本单位不是这项任务的承办单位", "只有牵头、配合单位可以填报，只有牵头单位可以签收和申请", "请牵头单位办理，或联系改革办调整分工";
    NOT_OFFICE = 7019, "office_only", "只有督办单位可以办理", "审批、销号、暂缓等由方案的督办单位办理", "请督办单位办理";
    PERIOD_CLOSED = 7020, "report_period_invalid", "填报期不对", "填报期晚于本月，或早于任务交办", "选择交办之后、不晚于本月的填报期";
    MOVED_ON = 7021, "task_moved_on", "他人已先办理", "页面打开之后任务又有新的办理记录", "刷新后按现状办理";
    UNKNOWN_DEED = 7022, "unknown_deed", "没有这种办理", "办理名称有误", "使用列出的名称";
    DUE_UNREADABLE = 7023, "due_unreadable", "时限读不懂", "时限的写法不在可识别之列", "写成 2026年12月31日、2026年12月底或 15个工作日";
    TABLE_REFUSED = 7029, "task_table_refused", "任务表未导入", "有的行有误，整张表没有导入", "按各行提示改正后重新导入";
    TABLE_HEADER = 7030, "task_table_header_missing", "没有找到表头", "前 20 行里没有“责任部门、任务分解”或“任务、牵头”这样的表头", "下载样表，按样表的表头填写";
    TABLE_UNREADABLE = 7031, "task_table_unreadable", "任务表读不出来", "文件不是 XLSX 或 CSV，或已损坏", "另存为 XLSX 后重新上传";
    ROW_TASK_EMPTY = 7032, "task_row_empty", "任务内容为空", "这一行有单位而没有任务", "补上任务内容，或删去这一行";
    ROW_DEPARTMENT = 7033, "task_row_department_unknown", "不认识的责任部门", "部门名称有误，或不在部门表和方案单位中", "使用部门全称或规范简称";
    ROW_DEPARTMENT_EMPTY = 7034, "task_row_department_empty", "没有责任部门", "牵头单位为空，上方也没有可沿用的合并单元格", "填写牵头单位";
    ROW_DUE = 7035, "task_row_due_unreadable", "完成时限读不懂", "时限的写法不在可识别之列", "写成 2026年12月31日、2026年12月底、15个工作日或长期";
    ROW_REPEATED = 7036, "task_row_repeated", "同一任务出现两次", "序号或“单位＋任务”与前面的行重复", "删去重复的行，或改正序号";
}
