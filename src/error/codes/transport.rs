//! 1xxx: who sends, signature, clock, size, repetition.

codes! {
    UNKNOWN_PARTNER = 1001, "unknown_partner", "没有这个对接单位", "网址中的单位标识未登记", "核对网址中的单位标识，或请中枢管理员登记";
}
