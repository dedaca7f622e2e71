//! 4xxx: values against the canonical model, identifiers.

codes! {
    REQUIRED = 4001, "required", "缺少必填项", "来文没有这一项或为空", "补上后重发";
}
