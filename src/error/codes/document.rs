//! 6xxx: templates, forms, fonts, numbers.

codes! {
    MISSING_GLYPH = 6001, "missing_glyph", "字库缺字", "所用字体都没有这个字", "换字或由管理员补充字体";
    FONT_FILE = 6002, "font_file", "字体不可用", "字体清单有误、字体文件缺失或损坏", "运行 make setup 取得字体，或用 --fonts 指明字体目录";
    TEMPLATE = 6003, "template", "文书模板有误", "模板、表单定义或样例不符合规定", "按所示文件和行修改模板";
    FORM_FIELD = 6004, "form_field", "文书内容不符合要求", "字段缺失、写法不对或彼此矛盾", "按所示字段改正后再生成";
    RENDER = 6005, "render", "文书未能生成", "模板在本次数据上不能展开", "检查所示字段，或请管理员检查模板";
}
