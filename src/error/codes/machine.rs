//! 9xxx: settings, database, files, the unexpected.

codes! {
    INTERNAL = 9001, "internal", "系统内部错误", "程序或环境异常", "稍后重试；仍不行请把报障编号告诉管理员", retry;
    DATABASE = 9002, "database", "数据库暂不可用", "数据库停机、磁盘已满或连接中断", "稍后重试；管理员可运行 hub doctor 查看原因", retry;
    SETTING = 9003, "setting", "配置有误", "配置文件或环境变量的值不符合规定", "按提示修改配置后重新启动";
    FILE = 9004, "file", "文件读写失败", "路径不存在、没有权限或磁盘已满", "核对路径和权限";
    BUSY = 9005, "busy", "系统正忙", "同时办理的请求超过了处理能力", "稍等片刻，用同一幂等键重发即可", retry;
    LOST_RACE = 9006, "lost_race", "与另一项操作冲突", "另一项操作同时改动了同一数据", "稍后重试", retry;
    NO_DATABASE = 9007, "no_database", "数据库尚未建立", "数据库文件不存在或路径写错", "核对路径；首次使用请运行 hub migrate";
    SCHEMA_BEHIND = 9008, "schema_behind", "数据库结构不是本版本的", "升级后没有运行迁移，或程序版本低于数据库", "运行 hub migrate；若程序较旧请换回新版本";
    SHUTTING_DOWN = 9009, "shutting_down", "系统正在停机", "服务正在重启或升级", "稍后重发", retry;
    BACKUP_DAMAGED = 9010, "backup_damaged", "备份不完整或被改动", "备份没有写完、介质损坏或文件被换过", "换用另一份备份；平时应定期试恢复";
}
