//! 8xxx: login, rights, sessions.

codes! {
    NOT_SIGNED_IN = 8001, "not_signed_in", "尚未登录", "没有登录或登录已过期", "请登录后再试";
}
