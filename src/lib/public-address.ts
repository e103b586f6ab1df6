/**
 * Which addresses are public: those of IPv4 and IPv6 at which one host of the open internet may be. Whatever is
 * reserved, private, a group's, or holds another address inside that some gateway would follow, is not.
 *
 * By the registries of special-purpose addresses (RFC 6890 and its successors). Of IPv6 only 2000::/3 was ever given
 * out, so all else is refused without being named.
 */
import { type Network, addressOf, contains, networkOf } from "./network.ts"

const reserved: readonly Network[] = [
    "0.0.0.0/8", // this network
    "10.0.0.0/8", // private
    "100.64.0.0/10", // shared by carriers
    "127.0.0.0/8", // loopback
    "169.254.0.0/16", // link-local, and the metadata of clouds
    "172.16.0.0/12", // private
    "192.0.0.0/24", // protocols
    "192.0.2.0/24", // documentation
    "192.31.196.0/24", // AS112
    "192.52.193.0/24", // automatic tunnels
    "192.88.99.0/24", // relays of 6to4
    "192.168.0.0/16", // private
    "192.175.48.0/24", // AS112
    "198.18.0.0/15", // benchmarks
    "198.51.100.0/24", // documentation
    "203.0.113.0/24", // documentation
    "224.0.0.0/4", // groups
    "240.0.0.0/4", // reserved, and broadcast
    "2001::/23", // protocols: Teredo, benchmarks, ORCHID
    "2001:db8::/32", // documentation
    "2002::/16", // 6to4: holds an address of IPv4
    "2620:4f:8000::/48", // AS112
    "3ffe::/16", // given back
    "3fff::/20", // documentation
].map(mustBeNetwork)

const givenOut = mustBeNetwork("2000::/3")

/** Whether this is the address, strictly written, of a public host. What is no address is none. */
export function isPublicAddress(text: string): boolean {
    const address = addressOf(text)
    if (address === null) return false
    if (address.version === 6 && !contains(givenOut, address)) return false
    return !reserved.some((one) => contains(one, address))
}

function mustBeNetwork(text: string): Network {
    const network = networkOf(text)
    if (network === null) throw new Error(`\`${text}\` is no network`)
    return network
}
