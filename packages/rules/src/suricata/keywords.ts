/**
 * Lists what Suricata 7 and 8 know: keywords by notation and purpose, actions and protocols.
 *
 * Each version adds protocol keywords, written with a dot, so an unknown one is a warning. The other keywords are old
 * and few, so an unknown one is an error.
 */
/** A keyword. */
export interface Keyword {
    /** Whether the keyword has no value, a value, either, or a value in quotes. */
    readonly takes: "nothing" | "value" | "either" | "quoted"
    readonly purpose: "meta" | "buffer" | "content" | "match" | "modifier" | "transform" | "other"
}

function words(text: string): string[] {
    return text.trim().split(/\s+/)
}

function entries(text: string, takes: Keyword["takes"], purpose: Keyword["purpose"]): [string, Keyword][] {
    return words(text).map((name) => [name, { takes, purpose }])
}

const httpBuffers = `http.accept http.accept_enc http.accept_lang http.connection http.content_len http.content_type
    http.cookie http.header http.header.raw http.header_names http.host http.host.raw http.location http.method
    http.protocol http.referer http.request_body http.request_header http.request_line http.response_body
    http.response_header http.response_line http.server http.start http.stat_code http.stat_msg http.uri http.uri.raw
    http.user_agent`
const buffers = `${httpBuffers} file.data file.name file.magic file_data pkt_data dce_stub_data dcerpc.stub_data
dns.query
    dns.queries.rrname dns.answer.name dns.query.name dns.answers.rrname dns.authorities.rrname dns.additionals.rrname
    dns_query tls.cert_subject tls.cert_issuer tls.cert_serial tls.cert_fingerprint tls.sni tls.certs tls.random
    tls.random_time tls.random_bytes tls.subjectaltname tls.alpn tls.store_data tls_sni tls_cert_subject tls_cert_issuer
    tls_cert_serial tls_cert_fingerprint ja3.hash ja3.string ja3s.hash ja3s.string ja4.hash ja3_hash ja3_string
    ssh.proto
    ssh.software ssh_proto ssh_software ssh.hassh ssh.hassh.string ssh.hassh.server ssh.hassh.server.string
    smb.named_pipe
    smb.share smb.ntlmssp_user smb.ntlmssp_domain smb_named_pipe smb_share krb5_cname krb5_sname krb5.cname krb5.sname
    krb5.ticket_encryption sip.method sip.uri sip.request_line sip.stat_code sip.stat_msg sip.response_line sip.protocol
    sip.from sip.to sip.via sip.user_agent sip.content_type sip.content_length mqtt.connect.clientid
    mqtt.connect.username
    mqtt.connect.password mqtt.connect.willtopic mqtt.connect.willmessage mqtt.connect.protocol_string
    mqtt.publish.topic mqtt.publish.message mqtt.subscribe.topic mqtt.unsubscribe.topic rfb.name snmp.community snmp.usm
    ike.init_spi ike.resp_spi ike.chosen_sa_attribute quic.cyu.hash quic.cyu.string quic.sni quic.ua quic.version
    websocket.payload smtp.helo smtp.mail_from smtp.rcpt_to email.from email.to email.subject email.cc email.date
    email.message_id email.x_mailer email.url email.received ftp.command ftp.command_data ftp.reply ftpdata_command
    tcp.hdr udp.hdr ipv4.hdr ipv6.hdr icmpv4.hdr icmpv6.hdr ldap.request.dn ldap.responses.dn pgsql.query nfs.filename
    sdp.session_name sdp.origin sdp.connection_data urilen.raw enip.product_name enip.service_name base64_data
    modbus.data`
const legacy = `http_accept http_accept_enc http_accept_lang http_client_body http_connection http_content_len
    http_content_type http_cookie http_header http_host http_method http_protocol http_raw_header http_raw_host
    http_raw_uri http_referer http_request_line http_response_line http_server_body http_stat_code http_stat_msg
    http_uri
    http_user_agent`
const others = `flow flowbits flowint xbits hostbits threshold detection_filter tag app-layer-protocol app-layer-event
    decode-event engine-event stream-event dsize itype icode icmp_id icmp_seq icmpv6.mtu ttl id fragbits fragoffset
    ipopts
    ip_proto geoip iprep ack seq window flags tcp.flags tcp.ack tcp.seq tcp.mss stream_size byte_test byte_jump
    byte_extract
    byte_math isdataat bsize urilen filename fileext filemagic filesize filemd5 filesha1 filesha256 entropy
    dce_iface dce_opnum dcerpc.iface dcerpc.opnum ssl_version ssl_state tls.version tls.subject tls.issuerdn
    tls.fingerprint
    tls_cert_chain_len tls.cert_chain_len smb.version nfs_procedure nfs_version krb5_msg_type krb5_err_code dnp3_func
    dnp3_ind dnp3_obj dnp3.func dnp3.ind dnp3.obj modbus cip_service enip_command snmp.version snmp.pdu_type
    mqtt.type mqtt.flags mqtt.qos mqtt.reason_code mqtt.protocol_version mqtt.connect.flags mqtt.connack.session_present
    rfb.secresult rfb.sectype ssh.protoversion ssh.softwareversion ftpbounce dns.opcode dns.rcode dns.rrtype dns_opcode
    quic.cyu template sameip dataset datarep config lua luajit frame target rpc ike.exchtype ike.nonce_payload_length
    ike.key_exchange_payload_length flow.age flow.pkts flow.bytes flow.pkts_toclient flow.pkts_toserver
    flow.bytes_toclient flow.bytes_toserver websocket.opcode websocket.mask websocket.flags http2.frametype
    http2.errorcode
    http2.priority http2.window http2.size_update http2.settings http2.header_name l3_proto ether.hdr vlan.id
    vlan.layers
    requires absent asn1 base64_decode pkthdr prefilter`
const alone = "bypass noalert alert prefilter filestore tls.store tls_cert_valid ftpbounce sameip nfs.version ipv4-csum"
const valid = `tls_cert_expired tls_cert_notafter tls_cert_notbefore tls_cert_valid ipv4-csum ipv6-csum tcpv4-csum
tcpv6-csum
    udpv4-csum udpv6-csum icmpv4-csum icmpv6-csum`

/** The keywords by name. */
export const keywords: ReadonlyMap<string, Keyword> = new Map([
    ...entries(others, "either", "other"),
    ...entries(valid, "either", "other"),
    ...entries(alone, "either", "other"),
    ...entries(buffers, "either", "buffer"),
    ...entries("msg", "quoted", "meta"),
    ...entries("sid rev gid classtype reference metadata priority", "value", "meta"),
    ...entries("content", "quoted", "content"),
    ...entries("pcre uricontent", "quoted", "match"),
    ...entries("isdataat bsize urilen byte_test byte_jump byte_extract byte_math dataset datarep", "value", "match"),
    ...entries("entropy absent base64_decode asn1 lua", "either", "match"),
    ...entries("nocase rawbytes startswith endswith", "nothing", "modifier"),
    ...entries("depth offset distance within replace", "value", "modifier"),
    ...entries("fast_pattern", "either", "modifier"),
    ...entries(legacy, "nothing", "modifier"),
    ...entries("to_md5 to_sha1 to_sha256 to_lowercase to_uppercase dotprefix strip_whitespace", "nothing", "transform"),
    ...entries("compress_whitespace url_decode strip_pseudo_headers header_lowercase", "nothing", "transform"),
    ...entries("pcrexform xor luaxform from_base64 gunzip zlib_deflate domain tld subslice", "either", "transform"),
    ...entries("flow flowbits flowint xbits hostbits threshold detection_filter", "value", "other"),
    ...entries("dsize itype icode ttl fragbits ip_proto flags window app-layer-protocol iprep", "value", "other"),
])

/** The actions of a rule. */
export const actions = words("alert pass drop reject rejectsrc rejectdst rejectboth config")

/** The protocols of a rule. */
export const protocols = new Set(
    words(`ip any ip4 ipv4 ip6 ipv6 tcp tcp-pkt tcp-stream udp icmp icmpv4 icmpv6 sctp igmp pkthdr ether arp esp gre
    http http1 http2 ftp ftp-data tls ssl smb dns dcerpc dhcp ssh smtp imap pop3 modbus dnp3 enip nfs ike ikev2 krb5
    bittorrent-dht ntp rfb rdp snmp tftp sip sdp quic mqtt telnet websocket pgsql mysql ldap doh2 llmnr mdns msn nntp`),
)

/** The values of `flow`. */
export const flowStates = words(`established not_established stateless to_client to_server from_client from_server
    only_stream no_stream only_frag no_frag`)

/** The classes of the classification file that comes with Suricata. */
export const classtypes = new Set(
    words(`not-suspicious unknown bad-unknown attempted-recon successful-recon-limited successful-recon-largescale
    attempted-dos successful-dos attempted-user unsuccessful-user successful-user attempted-admin successful-admin
    rpc-portmap-decode shellcode-detect string-detect suspicious-filename-detect suspicious-login
    system-call-detect tcp-connection trojan-activity unusual-client-port-connection network-scan denial-of-service
    non-standard-protocol protocol-command-decode web-application-activity web-application-attack misc-activity
    misc-attack icmp-event inappropriate-content policy-violation default-login-attempt targeted-activity
    exploit-kit external-ip-check domain-c2 pup-activity credential-theft social-engineering coin-mining
    command-and-control`),
)

/** The types of `reference`. */
export const referenceTypes = new Set(
    words(`url cve bugtraq bid nessus arachnids mcafee md5 sha256 exploitdb osvdb secunia xforce msft telus et etpro
    openpacket securitytracker threatexpert vmware system`),
)
