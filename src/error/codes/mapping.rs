//! 3xxx: mapping files and their application.

codes! {
    MAPPING_FILE = 3001, "mapping_file", "映射文件有误", "映射文件语法或内容不符合规定", "按所示行列修改映射文件";
}
