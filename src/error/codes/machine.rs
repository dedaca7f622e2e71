//! 9xxx: settings, database, files, the unexpected.

codes! {
    INTERNAL = 9001, "internal", "系统内部错误", "程序或环境异常", "稍后重试；仍不行请把报障编号告诉管理员", retry;
    DATABASE = 9002, "database", "数据库暂不可用", "数据库停机、磁盘已满或连接中断", "稍后重试；管理员可运行 hub doctor 查看原因", retry;
    SETTING = 9003, "setting", "配置有误", "配置文件或环境变量的值不符合规定", "按提示修改配置后重新启动";
    FILE = 9004, "file", "文件读写失败", "路径不存在、没有权限或磁盘已满", "核对路径和权限";
}
