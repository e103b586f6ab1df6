/** The identity as which the program publishes. The operator enters it once, in the settings. */
import type { Publisher } from "@tocsin/formats/advisory/advisory"
import type { Cna } from "@tocsin/formats/cve/record"

export interface PublisherSettings {
    readonly category: Publisher["category"]
    /** Null: the name of the host that the portal is reached at. */
    readonly name: string | null
    /** An address of mail or of a page; null: the portal's own. */
    readonly contact: string | null
    /** What the ids of advisories begin with. */
    readonly prefix: string
    /** Null: the operator assigns no CVE ids, and publishes no records of them. */
    readonly cna: Cna | null
}

export const defaultPublisher: PublisherSettings = {
    category: "coordinator",
    name: null,
    contact: null,
    prefix: "TOCSIN",
    cna: null,
}

export function publisherOf({ category, name, contact }: PublisherSettings, portalOrigin: string): Publisher {
    return { category, name: name ?? new URL(portalOrigin).hostname, contact, namespace: portalOrigin }
}

/** Returns the contact as `security.txt` needs it: an address with its scheme. */
export function contactUri({ contact }: PublisherSettings, portalOrigin: string): string {
    if (contact === null) return `${portalOrigin}/`
    return contact.startsWith("https://") ? contact : `mailto:${contact}`
}
