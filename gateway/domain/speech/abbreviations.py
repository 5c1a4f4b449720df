"""Abbreviations of offices and papers, and what is said for them. Data; a `Reader` may bring more.

A key that ends in a dot stands before the name it abbreviates (`P. Tân Phú`).
"""

from collections.abc import Mapping

ABBREVIATIONS: Mapping[str, str] = {
    # offices
    "TTPVHCC": "trung tâm phục vụ hành chính công",
    "TTHCC": "trung tâm hành chính công",
    "PVHCC": "phục vụ hành chính công",
    "HCC": "hành chính công",
    "TTHC": "thủ tục hành chính",
    "DVC": "dịch vụ công",
    "DVCTT": "dịch vụ công trực tuyến",
    "UBND": "ủy ban nhân dân",
    "HĐND": "hội đồng nhân dân",
    "MTTQ": "mặt trận tổ quốc",
    "VPĐKĐĐ": "văn phòng đăng ký đất đai",
    "VP": "văn phòng",
    "CA": "công an",
    "GTVT": "giao thông vận tải",
    "TN&MT": "tài nguyên và môi trường",
    "TNMT": "tài nguyên và môi trường",
    "NN&MT": "nông nghiệp và môi trường",
    "KH&ĐT": "kế hoạch và đầu tư",
    "GD&ĐT": "giáo dục và đào tạo",
    "LĐTBXH": "lao động, thương binh và xã hội",
    "LĐ-TB&XH": "lao động, thương binh và xã hội",
    "BHXH": "bảo hiểm xã hội",
    "BHYT": "bảo hiểm y tế",
    "BHTN": "bảo hiểm thất nghiệp",
    "BCCI": "bưu chính công ích",
    # papers
    "CCCD": "căn cước công dân",
    "CMND": "chứng minh nhân dân",
    "CMT": "chứng minh thư",
    "GPLX": "giấy phép lái xe",
    "GPXD": "giấy phép xây dựng",
    "GCN": "giấy chứng nhận",
    "GCNQSDĐ": "giấy chứng nhận quyền sử dụng đất",
    "QSDĐ": "quyền sử dụng đất",
    "ĐKKD": "đăng ký kinh doanh",
    "ĐKKH": "đăng ký kết hôn",
    "LLTP": "lý lịch tư pháp",
    "HKTT": "hộ khẩu thường trú",
    "MST": "mã số thuế",
    "QĐ": "quyết định",
    "NĐ": "nghị định",
    "NĐ-CP": "nghị định chính phủ",
    "QĐ-UBND": "quyết định ủy ban nhân dân",
    "QĐ-TTg": "quyết định thủ tướng",
    # enterprises
    "TNHH": "trách nhiệm hữu hạn",
    "MTV": "một thành viên",
    "CP": "cổ phần",
    "DN": "doanh nghiệp",
    "DNTN": "doanh nghiệp tư nhân",
    "HTX": "hợp tác xã",
    "HKD": "hộ kinh doanh",
    # places
    "TP": "thành phố",
    "TP.": "thành phố",
    "Tp.": "thành phố",
    "TX.": "thị xã",
    "TT.": "thị trấn",
    "Q.": "quận",
    "H.": "huyện",
    "P.": "phường",
    "X.": "xã",
    "KP": "khu phố",
    "KP.": "khu phố",
    "Đ.": "đường",
    "HCM": "Hồ Chí Minh",
    "TPHCM": "thành phố Hồ Chí Minh",
    "BRVT": "Bà Rịa Vũng Tàu",
    "VN": "Việt Nam",
    # persons and contact
    "Ông/Bà": "ông bà",
    "ông/bà": "ông bà",
    "SĐT": "số điện thoại",
    "ĐT": "điện thoại",
    "DĐ": "di động",
    "ĐC": "địa chỉ",
    "VNeID": "vê en e i đi",
    "Zalo": "da lô",
    "v/v": "về việc",
    "CN": "chủ nhật",
}

# Before a number without a space: `QL14`.
ROADS: Mapping[str, str] = {
    "QL": "quốc lộ",
    "ĐT": "đường tỉnh",
    "TL": "tỉnh lộ",
    "ĐH": "đường huyện",
    "HL": "hương lộ",
}

# After a number, with or without a space.
UNITS: Mapping[str, str] = {
    "m²": "mét vuông",
    "m2": "mét vuông",
    "km": "ki lô mét",
    "kg": "ki lô gam",
    "ha": "héc ta",
    "m": "mét",
}
