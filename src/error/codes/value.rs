//! 4xxx: values against the canonical model, identifiers.

codes! {
    REQUIRED = 4001, "required", "缺少必填项", "来文没有这一项或为空", "补上后重发";
    NOT_A_NUMBER = 4002, "not_a_number", "不是数字", "数字里混入了文字、不等号或多余的符号", "只填数字，小数点用“.”";
    TOO_MANY_DECIMALS = 4003, "too_many_decimals", "小数位数过多", "金额最多两位小数（到分），面积最多两位小数（0.01 平方米），其余按字段规定", "按规定位数四舍五入后重发";
    OUT_OF_RANGE = 4004, "out_of_range", "数值超出范围", "数值小于最小值、大于最大值或位数过多", "核对数值和单位（元与万元、平方米与公顷）";
    NEGATIVE = 4005, "negative", "不能为负数", "面积、数量等写成了负数", "核对数值";
    NOT_A_DATE = 4006, "not_a_date", "不是有效日期", "日期不存在，或写法无法识别", "写成 2026-03-01 或 2026年3月1日";
    UNKNOWN_CODE = 4007, "unknown_code", "代码不在代码表内", "来文用了代码表没有的代码或名称", "按代码表填写；确需新增代码的，在模型代码表中补充";
    IDENTIFIER = 4008, "identifier", "标识码不符合编码规则", "位数、字符或校验码有误", "对照证照逐位核对";
    IDENTIFIER_UNUSUAL = 4009, "identifier_unusual", "标识码与常见形式不同", "编号规则没有公开标准，或为旧编号", "核对；确实如此可保留";
    NOT_A_BOOLEAN = 4010, "not_a_boolean", "不是“是/否”", "填了是、否以外的内容", "填“是”或“否”（也可用 true/false、1/0、Y/N）";
    TOO_LONG = 4011, "too_long", "内容过长", "文字超过字段规定的字数", "删减后重发";
    WRONG_SHAPE = 4012, "wrong_shape", "结构不符", "应为列表或表格的地方是单个值，或者相反", "按字段说明调整结构";
    UNKNOWN_FIELD = 4013, "unknown_field", "模型没有这个字段", "字段名写错，或模型版本不同", "用 hub model show 查看字段";
    FORBIDDEN_CHARACTER = 4014, "forbidden_character", "含有不可用的字符", "文字里混入了控制字符", "删去控制字符后重发";
    TRUE_FORM = 4015, "canonical_form", "不是规范形式", "存入的数据与模型规定的 JSON 形式不符", "按模型的 JSON Schema 提供";
    MODEL_FILE = 4090, "model_file", "模型文件有误", "mappings/model 下的文件写错了类型、代码表、部门或字段名", "按提示修改文件后重新启动";
    RULE_FILE = 4091, "rule_file", "规则数据有误", "比例、时限、条文或工作日历文件写错了", "按提示修改文件后重新启动";
    NO_RULE = 4092, "no_rule", "没有适用的规则", "该日期、地区或城市类别没有已收录的规则", "补充规则数据，或设置城市类别";
}
