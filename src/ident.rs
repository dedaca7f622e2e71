//! Identifiers with their own checks: 统一社会信用代码, 不动产单元号, 宗地代码, 项目代码, 电子监管号, 行政区划, 文号.
