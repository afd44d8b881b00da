//! Where webhooks may go: to the public internet, never into the operator's own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::Uri;

/// Longest address taken.
const MOST: usize = 2_000;

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Whether it is encrypted.
    pub(crate) tls: bool,
    /// Host name or address, without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Path and query.
    pub(crate) path: String,
    /// What the `Host` header says.
    pub(crate) authority: String,
}

/// Takes an address apart. `https` only, and no address in figures that is not public, unless
/// `private` ones are allowed. Names are looked at when they are resolved.
///
/// # Errors
/// Why it cannot be used, in English.
pub(crate) fn target(url: &str, private: bool) -> Result<Target, &'static str> {
    if url.len() > MOST {
        return Err("it is longer than 2,000 characters");
    }
    let uri: Uri = url.parse().map_err(|_| "it is no web address")?;
    let tls = match uri.scheme_str() {
        Some("https") => true,
        Some("http") if private => false,
        _ => return Err("it does not begin with https://"),
    };
    let authority = uri.authority().ok_or("it has no host")?;
    if authority.as_str().contains('@') {
        return Err("it has a user name in it");
    }
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() {
        return Err("it has no host");
    }
    if !private {
        // Some resolvers take a name of figures alone, such as 2130706433, for an address.
        let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
        let figures = last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x");
        match host.parse::<IpAddr>() {
            Ok(address) if !public(address) => return Err("its address is not public"),
            Err(_) if figures => return Err("its host is no name"),
            _ => {}
        }
    }
    Ok(Target {
        tls,
        host: host.to_owned(),
        port: authority.port_u16().unwrap_or(if tls { 443 } else { 80 }),
        path: uri.path_and_query().map_or("/", |p| p.as_str()).to_owned(),
        authority: authority.as_str().to_owned(),
    })
}

/// Whether an address is one of the public internet: by the IANA special-purpose registries.
pub(crate) fn public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(a) => public4(a),
        IpAddr::V6(a) => public6(a),
    }
}

fn public4(a: Ipv4Addr) -> bool {
    let [b0, b1, b2, _] = a.octets();
    let special = a.is_private()
        || a.is_loopback()
        // 169.254.0.0/16, where clouds answer for their machines' secrets.
        || a.is_link_local()
        || a.is_documentation()
        || a.is_multicast()
        || b0 == 0
        || b0 >= 240
        // Shared by providers, protocol assignments, 6to4 relays, benchmarks.
        || (b0 == 100 && (64..128).contains(&b1))
        || (b0 == 192 && b1 == 0 && b2 == 0)
        || (b0 == 192 && b1 == 88 && b2 == 99)
        || (b0 == 198 && (18..20).contains(&b1));
    !special
}

fn public6(a: Ipv6Addr) -> bool {
    let s = a.segments();
    if let Some(inner) = a.to_ipv4_mapped() {
        return public4(inner);
    }
    let inner = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        public4(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        // Translated to IPv4 on its way.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => inner(high, low),
        [0x2002, high, low, ..] => inner(high, low),
        // Teredo, protocol assignments, documentation.
        [0x2001, second, ..] if second < 0x200 || second == 0xdb8 => false,
        [0x3fff, second, ..] if second < 0x1000 => false,
        // Global unicast, and nothing else.
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        for no in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "0.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "fe80::1",
            "fec0::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "100::1",
        ] {
            assert!(!public(no.parse().unwrap()), "{no}");
        }
        for yes in [
            "1.1.1.1",
            "8.8.8.8",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "198.17.0.1",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "64:ff9b::808:808",
            "2002:808:808::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(public(yes.parse().unwrap()), "{yes}");
        }
    }

    #[test]
    fn addresses_are_taken_apart_or_refused() {
        let t = target("https://example.org/a?b=c", false).unwrap();
        assert_eq!(
            (t.host.as_str(), t.port, t.path.as_str(), t.tls),
            ("example.org", 443, "/a?b=c", true)
        );
        let t = target("https://[2606:4700::1111]:8443", false).unwrap();
        assert_eq!((t.host.as_str(), t.port, t.path.as_str()), ("2606:4700::1111", 8443, "/"));
        let long = format!("https://example.org/{}", "x".repeat(2_000));
        for bad in [
            "",
            "example.org",
            "ftp://example.org/",
            "http://example.org/",
            "https://",
            "https://a:b@example.org/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://10.0.0.1/",
            "https://169.254.169.254/latest",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://127.1/",
            "https://a b/",
            "file:///etc/passwd",
            &long,
        ] {
            assert!(target(bad, false).is_err(), "{bad}");
        }
        let t = target("http://127.0.0.1:9/x", true).unwrap();
        assert_eq!((t.tls, t.port), (false, 9));
        assert!(target("ftp://127.0.0.1/", true).is_err());
    }
}
