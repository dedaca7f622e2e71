//! 6xxx: templates, forms, fonts, numbers.

codes! {
    MISSING_GLYPH = 6001, "missing_glyph", "字库缺字", "所用字体都没有这个字", "换字或由管理员补充字体";
}
