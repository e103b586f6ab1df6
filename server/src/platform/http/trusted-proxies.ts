/** Decides which peers are proxies whose `X-Forwarded-For` counts. */
import { contains, networkOf, peerOf, withoutMapping } from "@tocsin/rules/network"

/** Makes the check; false where no proxy is trusted. A proxy may write a port after an address. */
export function makeTrustCheck(proxies: readonly string[]): false | ((address: string) => boolean) {
    if (proxies.length === 0) return false
    const networks = proxies.map((proxy) => networkOf(proxy) ?? networkFault(proxy)).map(withoutMapping)
    return (address) => {
        const peer = peerOf(address)
        return peer !== null && networks.some((network) => contains(network, peer))
    }
}

function networkFault(text: string): never {
    throw new Error(`the trusted proxy \`${text}\` is not an address or a network`)
}
