/** Reads addresses and networks of IPv4 and IPv6 strictly: no leading zeros, short forms or zones. */
import ipaddr from "ipaddr.js"

/** An IP address. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6

/** A network: an address and the length of its prefix in bits. */
export interface Network {
    readonly address: Address
    readonly bits: number
}

/** The length of the longest IPv6 address, with IPv4 at its end. */
const charsMax = 45

/** Reads an address; null for anything else. */
export function addressOf(text: string): Address | null {
    if (text.length > charsMax) return null
    if (!text.includes(":")) return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text) : null
    const embedded = text.slice(text.lastIndexOf(":") + 1)
    if (embedded.includes(".") && !ipaddr.IPv4.isValidFourPartDecimal(embedded)) return null
    // The library reads `::192.0.2.1` as `::ffff:192.0.2.1`, which is a different address.
    const written = text.replace(/^::(?=\d+\.)/, "::0:")
    return !text.includes("%") && ipaddr.IPv6.isValid(written) ? ipaddr.IPv6.parse(written) : null
}

/** Reads a network such as `10.0.0.0/8`. A single address is a network of one. Null for anything else. */
export function networkOf(text: string): Network | null {
    const [written = "", length, ...more] = text.split("/")
    const address = addressOf(written)
    if (address === null || more.length > 0) return null
    const bitsMax = address.toByteArray().length * 8
    if (length === undefined) return { address, bits: bitsMax }
    if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > bitsMax) return null
    return { address, bits: Number(length) }
}

/** Checks whether the network contains the address; false for another IP version. */
export function contains(network: Network, address: Address): boolean {
    return network.address.kind() === address.kind() && address.match(network.address, network.bits)
}

/** Checks for bits after the prefix: `10.0.0.1/8` means less than it seems to. */
export function hasHostBits({ address, bits }: Network): boolean {
    const version = address.kind() === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6
    const written = address.toString()
    return version.networkAddressFromCIDR(`${written}/${bits}`).toString() !== written
}

const port = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d{1,5})?$/

/** Reads a peer's address as a socket or proxy writes it, without port and zone. IPv4 written as IPv6 becomes IPv4. */
export function peerOf(text: string): Address | null {
    const [, bracketed, bare] = port.exec(text) ?? []
    const [written = ""] = (bracketed ?? bare ?? text).split("%")
    const address = addressOf(written)
    return address && withoutMapping({ address, bits: 128 }).address
}

const mappedBits = 96

/** Converts an IPv4 network that is written as IPv6 to IPv4. */
export function withoutMapping(network: Network): Network {
    const { address, bits } = network
    if (!(address instanceof ipaddr.IPv6) || bits < mappedBits || !address.isIPv4MappedAddress()) return network
    return { address: address.toIPv4Address(), bits: bits - mappedBits }
}

/**
 * Names the first 24 bits of an IPv4 address, or 48 of an IPv6 address. One caller can easily have all addresses in
 * that network.
 */
export function sourceNetworkOf(address: string): string {
    return networkPrefix(peerOf(address), 3, 6)
}

/** Names the network of one caller without a credential: an IPv4 address, or an IPv6 /64. */
export function callerNetworkOf(address: string): string {
    return networkPrefix(peerOf(address), 4, 8)
}

function networkPrefix(address: Address | null, bytes4: number, bytes6: number): string {
    if (address === null) return ""
    const kind = address.kind()
    const bytes = address.toByteArray().slice(0, kind === "ipv4" ? bytes4 : bytes6)
    return `${kind} ${bytes.join(".")}`
}
