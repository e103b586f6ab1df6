/**
 * Renders a partner's view before publication as CSAF. Each summary and each guidance text is one document with the
 * facts of its case, as unmarked text. Other classes are left out. A document depends on its case, its text and the
 * instant of its release to the reader (docs/design/0055). Readers with the same instant get the same bytes under one
 * id and version.
 */
import type { Advisory } from "@tocsin/formats/advisory/advisory"
import type { Json } from "@tocsin/base/canonical"
import { trimmed, unmarkedText } from "@tocsin/marks/carriers/resolved-text"
import { type CsafVersion, type Issue, issued } from "@tocsin/formats/csaf/document"
import { csafFaults, placesOf } from "@tocsin/formats/csaf/issues"
import type { Instant } from "@tocsin/base/instant"
import { distinctProducts } from "@tocsin/formats/advisory/product"
import { publisherOf } from "../../platform/config/publisher.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import { type Master, masterOf } from "../../share/artifacts/actions.ts"
import { commonId, idOfAlias } from "../../share/delivery/actions/aliases.ts"
import { type Warning, type WarnedArtifact, warningsFor } from "../../share/delivery/actions/projection.ts"
import { embargoWords } from "../embargo.ts"
import { type OwnLabel, collectionOf } from "./collections.ts"

export interface Carried {
    readonly advisory: Advisory
    /** A version such as `1.4.2`, from the number of case changes and of text versions. */
    readonly number: string
    readonly label: OwnLabel
    readonly warning: Warning
    readonly artifact: WarnedArtifact
    readonly master: Master
    /** An id of the readers' group, different for each document. */
    readonly group: string
}

/** Lists the documents before publication. Published ones are public and are left out. */
export async function carriedTo(ctx: ActionContext, partner: string): Promise<Carried[]> {
    const carried: Carried[] = []
    for (const warning of await warningsFor(ctx, partner)) {
        if (warning.published) continue
        for (const artifact of warning.artifacts) {
            if (!isText(artifact)) continue
            const inner = idOfAlias(ctx.services.keys, partner, "artifact", artifact.id)
            carried.push(carriedOf(ctx, warning, artifact, await masterOf(ctx, inner, artifact.version)))
        }
    }
    return carried
}

function isText({ class: artifactClass, name, version }: WarnedArtifact): boolean {
    return (
        version !== null &&
        (artifactClass === "summary" || artifactClass === "guidance") &&
        /\.(?:md|txt)$/i.test(name ?? "")
    )
}

function carriedOf(ctx: ActionContext, warning: Warning, artifact: WarnedArtifact, master: Master): Carried {
    const { keys, publishing, portalOrigin } = ctx.services
    const text = trimmed(unmarkedText(master.name, master.content))
    const own = (value: "summary" | "guidance") => (artifact.class === value && text !== "" ? text : null)
    const { since, from } = artifact
    const current = Math.max(since, from, warning.changedAt)
    const number = `1.${warning.revision - 1}.${master.version - 1}`
    const advisory: Advisory = {
        id: `${publishing.prefix}-${commonId(keys, "csaf-ids", [master.artifact])}`,
        publisher: publisherOf(publishing, portalOrigin),
        title: `${warning.title}: ${artifact.class}`,
        vulnerabilities: warning.vulnerabilities.map(({ cve, cwe, vector, products }) => {
            return { cve, cwe, vector, products: distinctProducts(products) }
        }),
        credit: null,
        summary: own("summary"),
        guidance: own("guidance"),
        revisions: historyOf(number, since, current),
    }
    return {
        advisory,
        number,
        warning,
        artifact,
        master,
        label: artifact.tlp === "RED" ? "RED" : "AMBER+STRICT",
        group: commonId(keys, "csaf-groups", [master.artifact]),
    }
}

const firstNumber = "1.0.0"

function historyOf(number: string, first: Instant, current: Instant): Advisory["revisions"] {
    const begun = { number: 1, at: first, summary: "First version." }
    if (number === firstNumber) return [{ ...begun, at: current }]
    return [begun, { number: 2, at: current, summary: "Current version. Versions in between are not listed." }]
}

/** Renders a document. Throws where it is not valid, so that it is not sent. */
export function documentText(carried: Carried, version: CsafVersion): string {
    const { advisory, label } = carried
    const numbers = advisory.revisions.length === 1 ? [carried.number] : [firstNumber, carried.number]
    const { withdrawnAt, publication } = carried.warning
    const issue: Issue = {
        collection: collectionOf(label, version),
        status: "interim",
        hasPage: false,
        numbers,
        disclosedAt: withdrawnAt === null ? publication : null,
        readers: { text: `TLP 2.0: TLP:${label}. ${limits[label]}`, group: carried.group },
        notes: [embargoNote(carried)],
    }
    const text = `${JSON.stringify(issued(advisory, issue), null, 2)}\n`
    const faults = csafFaults(text, "group")
    if (faults.length > 0) throw new Error(`not a valid CSAF document: ${placesOf(faults)}`)
    return text
}

const limits: Readonly<Record<OwnLabel, string>> = {
    "AMBER+STRICT": "Not beyond your own organisation, and there to those who need it.",
    RED: "For those persons alone who may read it here.",
}

/** Writes the embargo as a note, because the label only says who may read. */
function embargoNote({ warning, artifact }: Carried): Json {
    return { category: "legal_disclaimer", title: "Embargo", text: embargoWords(warning, artifact.pap) }
}
