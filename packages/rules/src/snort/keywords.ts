/** Keywords of Snort 2.9 and 3. An unknown keyword is a warning and not an error, because versions differ. */
const words = (text: string): string[] => text.trim().split(/\s+/)

const actions = words("alert block drop log pass react reject rewrite sdrop activate dynamic")

export const ruleSyntax = {
    actions: new Set(actions),
    /** The first line of a rule, which cannot be an option of the rule before. */
    ruleStart: new RegExp(`^\\s*(?:${actions.join("|")})\\b[^:;"]*\\(`),
} as const

/** Protocols, and what Snort 3 calls services. */
export const services = new Set(
    words(`ip tcp udp icmp arp user file http http2 http3 ssl ftp ftp-data smtp imap pop3 dns netbios-ssn dcerpc sip ssh
    telnet tftp snmp rdp ldap kerberos mysql postgresql modbus dnp3 cip enip s7commplus iec104 mms opcua bacnet mqtt rpc
    sunrpc radius rtmp irc syslog ntp netflow bgp vnc x11 wins socks`),
)

/** Modifiers that are options of their own, as in Snort 2. */
export const modifiers = new Set(words("nocase rawbytes depth offset distance within fast_pattern"))

const about = "msg reference gid sid rev classtype priority metadata rem service soid so enable"
const payload = `content uricontent pcre regex protected_content hash length isdataat bufferlen dsize file_data pkt_data
    raw_data vba_data js_data byte_test byte_jump byte_extract byte_math base64_decode base64_data sd_pattern asn1
    ber_data
    ber_skip cvs replace urilen ftpbounce`
const http = `http_client_body http_cookie http_encode http_header http_header_test http_max_header_line
http_max_trailer_line
    http_method http_num_cookies http_num_headers http_num_trailers http_param http_raw_body http_raw_cookie
    http_raw_header
    http_raw_header_complete http_raw_request http_raw_status http_raw_trailer http_raw_uri http_stat_code http_stat_msg
    http_trailer http_trailer_test http_true_ip http_uri http_version http_version_match`
const packet = `flow flowbits flowint stream_reassemble stream_size fragoffset fragbits ttl tos id ipopts ip_proto
flags seq ack
    window mss wscale itype icode icmp_id icmp_seq rpc sameip tag session resp react logto activates activated_by count
    threshold detection_filter geoip appids file_type file_meta rate_filter`
const protocols = `ssl_state ssl_version sip_body sip_header sip_method sip_stat_code dce_iface dce_opnum dce_stub_data
    gtp_info gtp_type gtp_version dnp3_data dnp3_func dnp3_ind dnp3_obj modbus_data modbus_func modbus_unit
    cip_attribute
    cip_class cip_conn_path_class cip_instance cip_req cip_rsp cip_service cip_status enip_command enip_req enip_rsp
    s7commplus_content s7commplus_func s7commplus_opcode iec104_apci_type iec104_asdu_func mms_data mms_func
    opcua_msg_type opcua_msg_service opcua_node_id opcua_node_namespace_index sdp_pattern`

export const knownKeywords: ReadonlySet<string> = new Set([
    ...modifiers,
    ...[about, payload, http, packet, protocols].flatMap(words),
])
