//! 3xxx: mapping files and their application. 30xx: found when a mapping is loaded; 31xx: found when a message is read
//! or written with it.

codes! {
    MAPPING_FILE = 3001, "mapping_file", "映射文件语法有误", "TOML 语法不正确或文件不是 UTF-8 文本", "按所示行列修改映射文件";
    MAPPING_UNKNOWN_KEY = 3002, "mapping_unknown_key", "映射文件里有不认识的设置项", "设置项写错或写在了别的表里", "按提示改成正确的名称";
    MAPPING_MISSING_KEY = 3003, "mapping_missing_key", "映射文件缺少必要的设置项", "漏写了必须有的设置", "补上所提示的设置项";
    MAPPING_SHAPE = 3004, "mapping_shape", "设置项的写法不对", "该写文字的地方写了数字、表或列表，或取值不在允许范围", "按提示的写法修改";
    MAPPING_PATH = 3005, "mapping_path", "取值路径写法有误", "路径语法不正确或超出了报文的层次", "按《映射语言》中“路径”一节修改";
    MAPPING_UNKNOWN_KIND = 3006, "mapping_unknown_kind", "模型里没有这类记录", "kind 写错或模型未登记该类记录", "改成模型已有的记录名称（hub model show）";
    MAPPING_UNKNOWN_FIELD = 3007, "mapping_unknown_field", "记录里没有这个字段", "字段名写错或模型未登记该字段", "改成该类记录已有的字段（hub model show 记录名）";
    MAPPING_UNKNOWN_FUNCTION = 3008, "mapping_unknown_function", "没有这个转换函数", "as 里的函数名写错", "改成函数表里已有的名称";
    MAPPING_PARAMETER = 3009, "mapping_parameter", "转换函数的参数不对", "参数个数、类型或取值不符合该函数的规定", "按函数表中的参数说明修改";
    MAPPING_TYPE = 3010, "mapping_type", "转换结果与字段类型不符", "as 给出的类型不是模型规定的类型", "换成该字段类型对应的转换";
    MAPPING_UNIT = 3011, "mapping_unit", "没有写明计量单位", "金额、面积字段没有写明来文用的单位", "用 as 写明单位，如 money:wan_yuan、area:hectare";
    MAPPING_NOT_REVERSIBLE = 3012, "mapping_not_reversible", "这一步无法反向写出", "声明了 [write]，但所用转换丢失了信息", "换成可逆的转换，或在该字段写 write = \"skip\"";
    MAPPING_CODES = 3013, "mapping_codes", "代码对照表有误", "对照表漏项、重复，或对到了不存在的代码", "按提示补全或改正对照表";
    MAPPING_KEY = 3014, "mapping_key", "缺少业务主键", "主键字段没有映射，或不是模型登记的主键", "补上主键字段，或把 key 改成模型登记的主键";
    MAPPING_CONSTANT = 3015, "mapping_constant", "写定的值不符合字段类型", "constant、default、unknown 的值经同样转换后不成立", "改成符合字段类型的值";
    MAPPING_FORMAT = 3016, "mapping_format", "报文格式设置有误", "format 的种类、字符集或选项不受支持", "改成支持的格式设置";
    MAPPING_FOLDER = 3017, "mapping_folder", "映射文件夹不完整", "缺少 partner.toml、map.toml，或名称不合规定", "按《映射语言》中“文件夹”一节补齐";
    MAPPING_UNHANDLED = 3018, "mapping_unhandled", "有可能失败的情况没有写明如何处理", "对照表不全或引用的记录可能尚未到达，而没有写 unknown", "补写 unknown，写明遇到未知值时怎么办";
    MAPPING_CONFLICT = 3019, "mapping_conflict", "设置互相矛盾", "同时写了互斥的设置，或写了不起作用的设置", "按提示保留其中一个";

    MESSAGE_ROOT = 3101, "message_root", "报文结构与映射不符", "报文的根元素或记录所在位置与映射文件规定的不同", "核对发来的是否为本接口的报文";
    MESSAGE_STATUS = 3102, "message_status", "来文自身报告失败", "来文的状态字段不是约定的成功值", "由发送单位按其返回信息处理后重发";
    MESSAGE_MANY = 3103, "message_many_values", "只应有一个值的地方出现了多个不同的值", "同名元素重复出现且取值不同", "只保留一个，或与中枢商定取哪一个";
    MESSAGE_GROUP = 3104, "message_group", "应为单个值的地方是一组内容", "来文结构与约定不同，此处出现了子元素、对象或列表", "按接口文档改为单个值";
    MESSAGE_VALUE = 3105, "message_value", "值无法按约定的写法识别", "值的写法与接口文档不一致", "按所提示的写法修改后重发";
    MESSAGE_CODE = 3106, "message_code", "代码不在约定的对照表中", "发来了对照表没有的代码", "改用约定的代码，或与中枢商定增加";
    MESSAGE_ROW_STATUS = 3107, "message_row_status", "来文报告这一条失败", "该条记录自带的结果字段不是成功值", "由发送单位处理后单独重发这一条";
    MESSAGE_KEY = 3108, "message_key", "缺少识别这条记录的主键", "主键字段为空，无法确定说的是哪一条记录", "补上主键后重发";
    MESSAGE_EMPTY = 3109, "message_empty", "报文里没有可接收的记录", "没有任何记录符合本接口的条件", "核对报文内容是否为空或种类有误";
    MESSAGE_WRITE = 3110, "message_write", "无法写成对方的报文", "记录的内容在对方的格式里无法表达", "按提示补全或改正记录";
    MESSAGE_EXPIRED = 3111, "message_expired", "对方说访问凭证已失效", "取数或投递用的令牌、密钥过了对方的有效期", "换新的凭证后重试，报文本身不必改";
}
