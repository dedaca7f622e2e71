//! 2xxx: charset, XML, JSON, CSV, XLSX.

codes! {
    NOT_WELL_FORMED_XML = 2001, "xml_not_well_formed", "XML 格式不正确", "标签未闭合、名称或字符非法、有多余内容", "按所示位置修正后重发";
    DOCTYPE_REFUSED = 2002, "xml_doctype_refused", "不接受 DOCTYPE", "报文带有 DOCTYPE 或实体定义，可能被用来读取外部文件或撑爆内存", "删去 DOCTYPE 及其中的实体定义后重发";
    RAW_AMPERSAND = 2003, "xml_raw_ampersand", "文本中有未转义的 &", "网址等内容里的 & 没有写成 &amp;", "把 & 写成 &amp;，或把内容放进 CDATA";
    UNKNOWN_ENTITY = 2004, "xml_unknown_entity", "未定义的实体", "用了 &nbsp; 一类网页实体，XML 只认 &lt; &gt; &amp; &quot; &apos; 和数字引用", "改为对应的字符或数字引用";
    BAD_XML_DECLARATION = 2005, "xml_bad_declaration", "XML 声明写法不规范", "声明写成 <?XML VERSION= 等形式，已按普通 XML 读取", "改为 <?xml version=\"1.0\" encoding=\"…\"?>";
    NOT_WELL_FORMED_JSON = 2011, "json_not_well_formed", "JSON 格式不正确", "缺逗号、引号或括号，或数字写法不合规范", "按所示位置修正后重发";
    DUPLICATE_KEY = 2012, "json_duplicate_key", "同一对象里键名重复", "发送方程序把同名字段写了两次，不知以哪个为准", "只保留一个后重发";
    JSON_COMMENT = 2013, "json_comment", "JSON 里有注释", "JSON 规范不允许 // 和 /* */ 注释", "删去注释后重发";
    JSON_RAW_CONTROL = 2014, "json_raw_control", "JSON 字符串里有未转义的换行或控制字符", "字符串跨行书写", "换行写成 \\n、制表符写成 \\t";
    SEVERAL_DOCUMENTS = 2015, "several_documents", "一条报文里有几个文档", "第一个文档结束后还有内容", "一条报文只放一个文档";
    CHARSET_MISMATCH = 2021, "charset_mismatch", "声明的字符集与实际不符", "声明写的字符集与字节内容不一致，已按实际字符集读取", "请发送方把声明与实际编码改成一致";
    CHARSET_UNDECODABLE = 2022, "charset_undecodable", "有字节无法解码", "传输中字节被截断或改写，或混用了两种字符集", "核对编码后重发";
    CHARSET_UNENCODABLE = 2023, "charset_unencodable", "对方字符集没有这个字", "生僻字不在 GBK 字符集里", "换字，或与对方商定改用 GB18030 或 UTF-8";
    CONTROL_CHARACTER = 2024, "control_character", "含有不允许的控制字符", "内容里有空字符（NUL）等不可见控制字符", "清除后重发";
    EMPTY_MESSAGE = 2031, "empty_message", "报文为空", "请求没有正文，或文件是空的", "核对后重发";
    TOO_LARGE = 2032, "message_too_large", "报文过大", "单条报文超过大小上限", "请分批发送，或改用 CSV、XLSX 批量导入";
    TOO_DEEP = 2033, "nested_too_deep", "层级过深", "元素、对象或数组嵌套层数超过上限", "检查报文是否重复嵌套";
    TOO_MANY_NODES = 2034, "too_many_nodes", "数据项过多", "一条报文里的元素、属性、键超过上限", "请分批发送，或改用 CSV、XLSX 批量导入";
    EXPANDS_TOO_MUCH = 2035, "expands_too_much", "展开后过大", "压缩、转义或内嵌的内容展开后超过上限", "检查文件是否正常，必要时拆分";
    TOO_MANY_FINDINGS = 2036, "too_many_findings", "问题过多", "同一类问题在文件里反复出现，其余不再列出", "按已列出的问题改正后再检查";
    CSV_UNREADABLE = 2041, "csv_unreadable", "CSV 格式不正确", "引号未成对或分隔符不一致", "用表格软件重新另存为 CSV 后再发";
    DUPLICATE_COLUMN = 2042, "duplicate_column", "表头有重名的列", "两列标题相同，分不清取哪一列", "修改其中一列的标题";
    EXTRA_CELL = 2043, "extra_cell", "数据行比表头多出单元格", "行内多写了分隔符，或表头缺了标题", "核对这一行与表头的列数";
    NO_HEADER = 2044, "no_header", "没有找到表头", "文件是空的，或表头行号设置不对", "核对表头所在的行";
    WORKBOOK_UNREADABLE = 2045, "workbook_unreadable", "工作簿打不开", "不是 xlsx 文件、已损坏或已加密", "用表格软件打开后另存为 xlsx（不加密码）";
    SHEET_MISSING = 2046, "sheet_missing", "没有这张工作表", "工作表名称与约定不同", "按约定修改工作表名称";
    CELL_ERROR = 2047, "cell_error", "单元格是错误值", "公式计算出错，显示 #N/A、#REF! 等", "修正公式或改填数值";
    DIGITS_LOST = 2048, "digits_lost", "长数字已丢失末位", "编号按数字存放，表格软件只保留 15 位", "把该列设为文本格式后重新填写";
    FRAME_LENGTH = 2051, "frame_length", "报文长度与报文头不符", "长度字段应等于整帧字节数，报文被截断或长度算错", "按整帧字节数重新计算长度后重发";
    FRAME_MALFORMED = 2052, "frame_malformed", "报文头不符合约定", "缺少长度、应用标识、版本、报文编号或校验码", "核对报文头各段的位置和长度";
    FORM_MALFORMED = 2053, "form_malformed", "表单格式不正确", "表单字段没有写成 名称=内容", "按 application/x-www-form-urlencoded 组织表单";
    BASE64_INVALID = 2054, "base64_invalid", "Base64 内容不正确", "含有 Base64 以外的字符，或长度不对", "重新编码后发送";
    NESTED_TOO_DEEP = 2055, "layers_too_deep", "内嵌层数过多", "内容里一层套一层地嵌着其他文档", "减少内嵌层数";
    UNWRITABLE_NAME = 2061, "unwritable_name", "名称不能写成 XML 标签", "名称含空格或以数字开头", "修改映射文件中的目标名称";
    UNWRITABLE_VALUE = 2062, "unwritable_value", "内容不能写入目标格式", "含有控制字符，或数字写法不合规范", "修正该值";
    WRITE_SHAPE = 2063, "write_shape", "内容的层次与目标格式不符", "表格只能写一层行和列，表单只能写一层字段", "修改映射文件的输出层次";
}
