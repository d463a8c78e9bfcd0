/// Schemes that are registered with IANA or were in wide use, sorted.
#[rustfmt::skip]
const KNOWN: &[&str] = &[
    "aaa", "aaas", "about", "acap", "acct", "adiumxtra", "afp", "aim", "aw", "bitcoin", "blob", "callto", "cap",
    "chrome", "cid", "coap", "coaps", "crid", "cvs", "data", "dav", "dict", "dns", "doi", "ed2k", "facetime", "fax",
    "feed", "file", "fish", "ftp", "ftps", "geo", "gg", "git", "gizmoproject", "go", "gopher", "h323", "http", "https",
    "iax", "iax2", "icap", "im", "imap", "imaps", "info", "ipfs", "ipp", "ipps", "irc", "ircs", "iris", "iris.beep",
    "iris.lws", "iris.xpc", "iris.xpcs", "itms", "jabber", "jar", "javascript", "keyparc", "lastfm", "ldap", "ldaps",
    "magnet", "mailto", "matrix", "mid", "mms", "modem", "msnim", "msrp", "msrps", "mtqp", "mupdate", "mvn", "news",
    "nfs", "nntp", "notes", "nsfw", "opaquelocktoken", "openpgp4fpr", "paparazzi", "pkcs11", "pop", "pres", "prospero",
    "psyc", "rmi", "rsync", "rtsp", "rtsps", "rtspu", "secondlife", "service", "sftp", "sgn", "shttp", "sieve", "sip",
    "sips", "skype", "smb", "sms", "snmp", "soap.beep", "soap.beeps", "soldat", "spotify", "ssh", "steam", "stun",
    "stuns", "svn", "tag", "teamspeak", "tel", "telnet", "tftp", "thismessage", "tip", "turn", "turns", "tv", "unreal",
    "urn", "ut2004", "vemmi", "ventrilo", "view-source", "wais", "webcal", "ws", "wss", "wyciwyg", "xfire",
    "xmlrpc.beep", "xmlrpc.beeps", "xmpp", "xri", "ymsgr", "z39.50", "z39.50r", "z39.50s",
];

/// Whether a scheme, in lower case, is a known one.
pub(super) fn is_known(scheme: &str) -> bool {
    KNOWN.binary_search(&scheme).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(KNOWN.is_sorted_by(|a, b| a < b));
    }
}
