//! 6xxx: templates, forms, fonts, numbers.

codes! {
    MISSING_GLYPH = 6001, "missing_glyph", "字库缺字", "所用字体都没有这个字", "换字或由管理员补充字体";
    FONT_FILE = 6002, "font_file", "字体不可用", "字体清单有误、字体文件缺失或损坏", "运行 make setup 取得字体，或用 --fonts 指明字体目录";
    TEMPLATE = 6003, "template", "文书模板有误", "模板、表单定义或样例不符合规定", "按所示文件和行修改模板";
    FORM_FIELD = 6004, "form_field", "文书内容不符合要求", "字段缺失、写法不对或彼此矛盾", "按所示字段改正后再生成";
    RENDER = 6005, "render", "文书未能生成", "模板在本次数据上不能展开", "检查所示字段，或请管理员检查模板";
    UNKNOWN_KIND = 6006, "unknown_document_kind", "没有这种文书", "文种名称有误或模板未安装", "核对文种名称";
    WRONG_SUBJECT = 6007, "wrong_subject", "所选记录不能拟这种文书", "文书须从指定种类的记录拟稿", "换一条记录，或换一种文书";
    OVERRIDE_REASON = 6008, "override_reason", "改动来源数据须写理由", "表单的值与来源不同而没有理由", "填写理由，或恢复来源值";
    SOURCE_CHANGED = 6009, "source_changed", "来源数据已变更", "拟稿之后来源部门更正了数据", "取最新数据，核对后再签发";
    NOT_A_DRAFT = 6010, "not_a_draft", "文书不能再改", "文书已经签发或作废", "需要更正的，作废后重发";
    TEMPLATE_CHANGED = 6011, "template_changed", "模板已换版", "拟稿后模板升级", "重新拟稿";
    VOID_REASON = 6012, "void_reason", "作废须写理由", "没有填写作废理由", "写明理由后再作废";
    SIGNATURE_BROKEN = 6013, "signature_broken", "签名读不出来", "签名数据不完整，或用了不支持的算法", "核对文件是否完整；其他机构的签名请用其指定的阅读器核验";
    NOT_A_PDF = 6014, "not_a_pdf", "不是完整的 PDF 文件", "文件损坏、加密或不是 PDF", "换一个完整的文件";
    WRONG_STATE = 6015, "wrong_document_state", "文书现在不能这样办", "文书的状态已变，或还没有到这一步", "刷新页面，按现状办理";
    HELD_BY_OTHER = 6016, "held_by_other", "文书由他人办理", "文书已指定或转交给另一位经办人", "由该经办人办理，或先转办";
    OPINION = 6017, "opinion_required", "须填写意见", "退回、转办、作废、免送达归档都须写明理由", "写明意见后再提交";
    RECEIPT = 6018, "service_receipt", "送达登记不符合要求", "送达回证的必填项缺失或彼此矛盾", "按所示项目补正后再登记";
    UPLOAD = 6019, "upload", "文件不能上传", "文件太大、为空，或不是允许的类型", "换成 PDF、JPG 或 PNG 文件，或压缩后再传";
    TOO_MANY_CHECKS = 6020, "too_many_checks", "核验太频繁", "同一地址短时间内核验次数过多", "稍等片刻再核验", retry;
    BATCH_SHEET = 6030, "batch_sheet", "表格不能用于批量办理", "表格读不出来、缺列、列重复、没有行或行太多", "下载本文种的空表填写后重新上传";
    BATCH = 6031, "batch", "这一批现在不能这样办", "有误的行没有处理，或同一份文件已经办过", "按提示处理后再提交";
}
