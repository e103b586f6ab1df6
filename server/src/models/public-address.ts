/**
 * Decides which addresses are public: those at which one host of the open internet may be. Excludes reserved, private
 * and group addresses, and those that contain another address which a gateway would follow.
 *
 * The ranges are the library's, by the registries of special-purpose addresses (RFC 6890 and its successors).
 */
import { type Network, addressOf, contains, networkOf } from "@tocsin/rules/network"

/** The only range of IPv6 that IANA allocates from. */
const allocated = validNetwork("2000::/3")
/** The 6bone, which was returned (RFC 3701). The library counts it as public. */
const returned = validNetwork("3ffe::/16")

/** Whether the text is the address, strictly written, of a public host. */
export function isPublicAddress(text: string): boolean {
    const address = addressOf(text)
    if (address === null || address.range() !== "unicast") return false
    return address.kind() === "ipv4" || (contains(allocated, address) && !contains(returned, address))
}

function validNetwork(text: string): Network {
    const network = networkOf(text)
    if (network === null) throw new Error(`\`${text}\` is not a network`)
    return network
}
