//! 8xxx: login, rights, sessions.

codes! {
    NOT_SIGNED_IN = 8001, "not_signed_in", "尚未登录", "没有登录或登录已过期", "请登录后再试";
    WRONG_PASSWORD = 8002, "wrong_password", "用户名或密码不对", "用户名或密码输错，或账号已停用", "核对后重试，或请安全管理员重置密码";
    LOCKED = 8003, "account_locked", "账号已锁定", "连续输错密码", "半小时后再试，或请安全管理员解锁", retry;
    NO_RIGHT = 8004, "no_right", "没有权限", "当前角色不含这项操作", "联系本单位管理员";
    FORM_EXPIRED = 8005, "form_expired", "页面已过期", "登录已更换或页面打开过久", "返回上一页刷新后再提交";
    UNKNOWN_ROLE = 8006, "unknown_role", "没有这个角色", "角色名称写错", "按所列角色名称填写";
}
