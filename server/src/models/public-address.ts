/**
 * Which addresses are public: those at which one host of the open internet may be. Reserved, private and group
 * addresses are not, nor are those that hold another address inside that some gateway would follow.
 *
 * Ranges are the library's, by the registries of special-purpose addresses (RFC 6890 and its successors).
 */
import { type Network, addressOf, contains, networkOf } from "@tocsin/rules/network"

/** IANA gave out no other range of IPv6. */
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
