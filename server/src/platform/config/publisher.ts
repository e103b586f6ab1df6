/** The identity under which the program publishes. The operator enters it in the settings. */
import type { Publisher } from "@tocsin/formats/advisory/advisory"
import type { Cna } from "@tocsin/formats/cve/record"

export interface PublisherSettings {
    readonly category: Publisher["category"]
    /** Null: the host name of the portal. */
    readonly name: string | null
    /** A mail address or the address of a page; null: the portal's address. */
    readonly contact: string | null
    /** The prefix of advisory ids. */
    readonly prefix: string
    /** Null: the operator assigns no CVE ids and publishes no CVE records. */
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

/** Returns the contact for `security.txt`: an address with its scheme. */
export function contactUri({ contact }: PublisherSettings, portalOrigin: string): string {
    if (contact === null) return `${portalOrigin}/`
    return contact.startsWith("https://") ? contact : `mailto:${contact}`
}
