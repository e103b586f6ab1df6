/** Defines the cases of the demonstration's past. Products, vendors and CVE ids are invented. */
import { type Instant, parseInstant } from "@tocsin/base/instant"
import type { ArtifactClass } from "../../share/artifacts/artifact.ts"
import type { CaseDetails } from "../../share/cases/case.ts"
import { type Tier, tiers } from "../../trust/partners/partner.ts"

export type PastCaseKey = "harborline" | "cinder" | "quartzmail" | "tern" | "ferrous" | "pallas" | "lumen"

export interface PastCase {
    readonly key: PastCaseKey
    readonly author: "Ingrid Solheim" | "Tomas Ferreira"
    readonly details: CaseDetails
    readonly openedAt: Instant
    /** When the author adds the texts and plans the waves. */
    readonly writtenAt: Instant
    /** When the waves are signed; null where the script signs them singly or not at all. */
    readonly signedAt: Instant | null
    /** The end as first agreed; null where none is agreed. */
    readonly publication: Instant | null
    /** The tiers whose waves are released before the start. */
    readonly released: readonly Tier[]
    readonly artifacts: readonly { readonly class: ArtifactClass; readonly name: string }[]
}

const at = parseInstant

const texts = (...classes: readonly ("summary" | "technical" | "guidance")[]) =>
    classes.map((item) => ({ class: item, name: `${item}.md` }))

interface Weakness {
    readonly cve: string
    readonly cwe: string
    readonly score: number
    readonly vector: string
}

const detailsOf = (
    [title, finder]: readonly [title: string, finder: string],
    weakness: Weakness,
    [vendor, name, fixedIn]: readonly [vendor: string, name: string, fixedIn: string | null],
): CaseDetails => ({ title, finder, vulnerabilities: [{ ...weakness, products: [{ vendor, name, fixedIn }] }] })

const fullRemote = { score: 9.8, vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" }
const byAccount = { score: 8.8, vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H" }
const readsOnly = { score: 7.5, vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N" }

/** The details of the mail relay's case, with the build that is said to be fixed. */
export const quartzDetails = (fixedIn: string): CaseDetails =>
    detailsOf(
        ["Quartz Mail Relay: overflow in the folding of long headers", "Larkspur Mail Security"],
        { cve: "CVE-2025-990117", cwe: "CWE-787", ...fullRemote },
        ["Quartzworks", "Quartz Mail Relay", fixedIn],
    )

export const pastCases: readonly PastCase[] = [
    {
        key: "harborline",
        author: "Tomas Ferreira",
        details: detailsOf(
            ["Harborline Gateway: a resumed session skips the second factor", "an academic group"],
            { cve: "CVE-2024-990041", cwe: "CWE-384", ...byAccount },
            ["Harborline", "Harborline Gateway", "7.4.6"],
        ),
        openedAt: at("2024-09-16T08:30:00Z"),
        writtenAt: at("2024-10-21T13:00:00Z"),
        signedAt: at("2024-10-24T10:15:00Z"),
        publication: at("2024-11-12T17:00:00Z"),
        released: tiers,
        artifacts: texts("summary", "technical", "guidance"),
    },
    {
        key: "cinder",
        author: "Ingrid Solheim",
        details: detailsOf(
            ["Cinder Backup Agent: a restore writes outside its folder", "Ostra Research"],
            { cve: "CVE-2024-990058", cwe: "CWE-22", ...byAccount },
            ["Cinder Works", "Cinder Backup Agent", "5.6.2"],
        ),
        openedAt: at("2024-08-20T09:00:00Z"),
        writtenAt: at("2024-09-17T14:00:00Z"),
        signedAt: at("2024-09-19T09:30:00Z"),
        publication: at("2024-10-08T17:00:00Z"),
        released: tiers,
        artifacts: texts("summary"),
    },
    {
        key: "quartzmail",
        author: "Ingrid Solheim",
        details: quartzDetails("4.8.3"),
        openedAt: at("2025-01-13T09:10:00Z"),
        writtenAt: at("2025-02-19T15:00:00Z"),
        signedAt: at("2025-02-24T09:40:00Z"),
        publication: at("2025-03-11T17:00:00Z"),
        released: tiers,
        artifacts: texts("summary", "technical", "guidance"),
    },
    {
        key: "tern",
        author: "Ingrid Solheim",
        details: detailsOf(
            ["Tern VPN Client: an update is installed without its signature", "Larkspur Mail Security"],
            { cve: "CVE-2025-990188", cwe: "CWE-367", ...byAccount },
            ["Tern Networks", "Tern VPN Client", "8.3.5"],
        ),
        openedAt: at("2025-03-17T09:15:00Z"),
        writtenAt: at("2025-04-23T12:10:00Z"),
        signedAt: at("2025-04-25T09:20:00Z"),
        publication: at("2025-05-13T17:00:00Z"),
        released: tiers,
        artifacts: texts("summary"),
    },
    {
        key: "ferrous",
        author: "Tomas Ferreira",
        details: detailsOf(
            ["Ferrous Hypervisor: a guest reads memory of its neighbours", "Meridian Fuzzworks"],
            { cve: "CVE-2025-990233", cwe: "CWE-125", ...readsOnly },
            ["Ferrous Project", "Ferrous Hypervisor", "12.2"],
        ),
        openedAt: at("2025-05-05T11:20:00Z"),
        writtenAt: at("2025-06-09T20:30:00Z"),
        signedAt: at("2025-06-10T14:00:00Z"),
        publication: at("2025-06-26T17:00:00Z"),
        released: ["validate"],
        artifacts: texts("summary", "technical", "guidance"),
    },
    {
        key: "pallas",
        author: "Ingrid Solheim",
        details: detailsOf(
            ["Pallas Object Store: signed links outlive their key", "Cobalt Quay Cloud"],
            { cve: "CVE-2025-990251", cwe: "CWE-613", ...readsOnly },
            ["Pallas Data", "Pallas Object Store", "3.19.1"],
        ),
        openedAt: at("2025-06-10T07:45:00Z"),
        writtenAt: at("2025-06-18T12:00:00Z"),
        signedAt: null,
        publication: at("2025-07-29T17:00:00Z"),
        released: [],
        artifacts: texts("summary", "technical"),
    },
    {
        key: "lumen",
        author: "Tomas Ferreira",
        details: detailsOf(
            ["Lumen Building Controller: commands accepted before sign-in", "a municipal operator"],
            { cve: "", cwe: "CWE-306", ...fullRemote },
            ["Lumen Controls", "Lumen Building Controller", null],
        ),
        openedAt: at("2025-06-12T10:05:00Z"),
        writtenAt: at("2025-06-13T09:00:00Z"),
        signedAt: null,
        publication: null,
        released: [],
        artifacts: texts("summary"),
    },
]
