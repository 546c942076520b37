//! Unit files, as `systemctl enable` reads their [Install] section. Each row was read by the program itself.

use super::Row;

pub(super) const TABLE: &[Row] = &[
    (
        "systemd",
        b"[Install]\nAlias=a.service b.service",
        "[Install]|Alias=a.service b.service",
        "systemd 252",
    ),
    (
        "systemd",
        b"[Install]\nAlias=a.service\nAlias=b.service",
        "[Install]|Alias=a.service|Alias=b.service",
        "systemd 252",
    ),
    (
        "systemd",
        b"[Install]\nAlias=a.service\nAlias=\nAlias=b.service",
        "[Install]|Alias=a.service|Alias=|Alias=b.service",
        "systemd 252",
    ),
    (
        "systemd",
        b"[Install]\nAlias=a.service \\\n b.service",
        "[Install]|Alias=a.service  b.service",
        "systemd 252",
    ),
    (
        "systemd",
        b"[Install]\nAlias=a.service\\\nb.service",
        "[Install]|Alias=a.service b.service",
        "systemd 252",
    ),
    (
        "systemd",
        b"[Install]\nAlias=a.service \\\n# c\n; d\n b.service",
        "[Install]|Alias=a.service  b.service",
        "systemd 252",
    ),
    (
        "systemd",
        b"[Install]\nAlias=a.service \\\n\nAlias=b.service",
        "[Install]|Alias=a.service|Alias=b.service",
        "systemd 252",
    ),
    (
        "systemd",
        b"[Install]\n  Alias  =  a.service  ",
        "[Install]|Alias=a.service",
        "systemd 252",
    ),
    (
        "systemd",
        b"[Install]\n# Alias=a.service\n; Alias=b.service\nAlias=c.service",
        "[Install]|;|;|Alias=c.service",
        "systemd 252",
    ),
    (
        "systemd",
        b"[Unit]\nAlias=x2.service\n[Install]\nAlias=a.service",
        "[Unit]|Alias=x2.service|[Install]|Alias=a.service",
        "systemd 252",
    ),
    (
        "systemd",
        b"[Install]\nAlias=a.service\n[Unit]\n[Install]\nAlias=b.service",
        "[Install]|Alias=a.service|[Unit]|[Install]|Alias=b.service",
        "systemd 252",
    ),
    (
        "systemd",
        b"[install]\nAlias=a.service\n[Install]\nAlias=b.service",
        "[install]|Alias=a.service|[Install]|Alias=b.service",
        "systemd 252",
    ),
    (
        "systemd",
        b"[Install]\nalias=a.service\nAlias=b.service",
        "[Install]|alias=a.service|Alias=b.service",
        "systemd 252",
    ),
    (
        "systemd",
        b"[Install]\n#x\\\nAlias=a.service",
        "[Install]|;|Alias=a.service",
        "systemd 252",
    ),
    (
        "systemd",
        b"[ Install ]\nAlias=b.service\n[Install]\nAlias=a.service",
        "[ Install ]|Alias=b.service|[Install]|Alias=a.service",
        "systemd 252",
    ),
    (
        "systemd",
        b"[Install]\r\nAlias=a.service\r\nAlias=b.service \\\r\n c.service\r\n",
        "[Install]|Alias=a.service|Alias=b.service  c.service",
        "systemd 252",
    ),
    (
        "systemd",
        b"[Install]\nbare\nAlias=a.service",
        "[Install]|bare|Alias=a.service",
        "systemd 252",
    ),
    (
        "systemd",
        b"[Install]\nAlias=a.service \\",
        "[Install]|Alias=a.service",
        "systemd 252",
    ),
    (
        "systemd",
        b"  [Install]  \nAlias=a.service",
        "[Install]|Alias=a.service",
        "systemd 252",
    ),
    (
        "systemd",
        b"[Install]\n\tAlias=a.service\n",
        "[Install]|Alias=a.service",
        "systemd 252",
    ),
];
