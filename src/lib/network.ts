/** Addresses and networks of IPv4 and IPv6, written strictly: no leading zeros, no host bits unless asked for. */
export interface Network {
    readonly version: 4 | 6
    readonly address: bigint
    readonly bits: number
}

const octet = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)"
const ipv4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`)

/** An address; null where it is none. */
export function addressOf(text: string): Network | null {
    if (ipv4.test(text) && !/(^|\.)0\d/.test(text)) {
        const address = text.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n)
        return { version: 4, address, bits: 32 }
    }
    const address = text.length <= 45 && text.includes(":") ? ipv6(text) : null
    return address === null ? null : { version: 6, address, bits: 128 }
}

function ipv6(text: string): bigint | null {
    const halves = text.split("::")
    if (halves.length > 2) return null
    const [head, tail] = [groupsOf(halves[0] ?? ""), groupsOf(halves[1] ?? "")]
    if (head === null || tail === null) return null
    const missing = 8 - head.length - tail.length
    if (halves.length === 1 ? missing !== 0 : missing < 1) return null
    const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail]
    return groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n)
}

function groupsOf(text: string): number[] | null {
    if (text === "") return []
    const groups: number[] = []
    for (const [n, part] of text.split(":").entries()) {
        const embedded = part.includes(".") ? addressOf(part) : null
        if (embedded !== null && n === text.split(":").length - 1) {
            groups.push(Number(embedded.address >> 16n), Number(embedded.address & 0xffffn))
        } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16))
        else return null
    }
    return groups
}

/** `10.0.0.0/8`; a bare address is a network of one. Null where it is neither. */
export function networkOf(text: string): Network | null {
    const [written = "", length, ...more] = text.split("/")
    const address = addressOf(written)
    if (address === null || more.length > 0) return null
    if (length === undefined) return address
    if (!/^(0|[1-9]\d{0,2})$/.test(length)) return null
    const bits = Number(length)
    return bits <= address.bits ? { ...address, bits } : null
}

export function contains(network: Network, address: Network): boolean {
    if (network.version !== address.version) return false
    const spare = BigInt((network.version === 4 ? 32 : 128) - network.bits)
    return network.address >> spare === address.address >> spare
}

/** Whether bits are set behind the network's length: `10.0.0.1/8` says less than it seems to. */
export function hasHostBits(network: Network): boolean {
    const spare = BigInt((network.version === 4 ? 32 : 128) - network.bits)
    return (network.address >> spare) << spare !== network.address
}

const port = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d{1,5})?$/
const mapped: Network = { version: 6, address: 0xffffn << 32n, bits: 96 }

/**
 * The address of a peer, as a socket or a proxy writes it: a port and a zone are left out, and an IPv4 address that is written as
 * IPv6 is IPv4. Null where it is none.
 */
export function peerOf(text: string): Network | null {
    const [, bracketed, bare] = port.exec(text) ?? []
    const [written = ""] = (bracketed ?? bare ?? text).split("%")
    const read = addressOf(written)
    return read && plainOf(read)
}

/** A network of IPv4 that is written as IPv6, as IPv4. */
export function plainOf(network: Network): Network {
    if (network.bits < mapped.bits || !contains(mapped, network)) return network
    return { version: 4, address: network.address & 0xffff_ffffn, bits: network.bits - mapped.bits }
}

/** The first 24 bits of an IPv4 address, 48 of an IPv6 one: what one asker can easily have all of. */
export function sourceNetworkOf(address: string): string {
    return leading(peerOf(address), 24, 48)
}

/** Names the network of one caller without a credential: an IPv4 address, or an IPv6 /64. */
export function callerNetworkOf(address: string): string {
    return leading(peerOf(address), 32, 64)
}

function leading(address: Network | null, bits4: number, bits6: number): string {
    if (address === null) return ""
    const kept = address.version === 4 ? bits4 : bits6
    return `${address.version} ${address.address >> BigInt(address.bits - kept)}`
}
