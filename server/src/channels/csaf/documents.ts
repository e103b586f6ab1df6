/**
 * Renders a partner's view before publication as CSAF. Each summary and each guidance text is one document with the
 * facts of its case, as unmarked text. Other classes are left out. A document depends on its case, its text and the
 * instant of its release to the reader (docs/design/0055). Readers with the same instant get the same bytes under one
 * id and version.
 */
import type { Advisory } from "@tocsin/formats/advisory/advisory"
import type { Json } from "@tocsin/base/canonical"
import { trimmed, unmarkedText } from "@tocsin/marks/carriers/resolved-text"
import { type CsafVersion, type Issuance, renderCsaf } from "@tocsin/formats/csaf/document"
import { csafIssues, issuePlaces } from "@tocsin/formats/csaf/issues"
import type { Instant } from "@tocsin/base/instant"
import { distinctProducts } from "@tocsin/formats/advisory/product"
import { publisherOf } from "../../platform/config/publisher.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import { type Master, loadMaster } from "../../share/artifacts/actions/load-artifacts.ts"
import { commonId, idOfAlias } from "../../share/delivery/actions/resolve-alias.ts"
import { type Warning, type WarningArtifact, listWarnings } from "../../share/delivery/actions/project-warnings.ts"
import { embargoText } from "../embargo.ts"
import { type PartnerLabel, collectionOf } from "./collections.ts"

export interface PartnerDocument {
    readonly advisory: Advisory
    /** A version such as `1.4.2`, from the number of case changes and of text versions. */
    readonly version: string
    readonly label: PartnerLabel
    readonly warning: Warning
    readonly artifact: WarningArtifact
    readonly master: Master
    /** An id of the readers' group, different for each document. */
    readonly group: string
}

/** Lists the documents before publication. Published ones are public and are left out. */
export async function listPartnerDocuments(ctx: ActionContext, partner: string): Promise<PartnerDocument[]> {
    const documents: PartnerDocument[] = []
    for (const warning of await listWarnings(ctx, partner)) {
        if (warning.published) continue
        for (const artifact of warning.artifacts) {
            if (!isTextArtifact(artifact)) continue
            const artifactId = idOfAlias(ctx.services.keys, partner, "artifact", artifact.id)
            documents.push(documentOf(ctx, warning, artifact, await loadMaster(ctx, artifactId, artifact.version)))
        }
    }
    return documents
}

function isTextArtifact({ class: artifactClass, name, version }: WarningArtifact): boolean {
    return (
        version !== null &&
        (artifactClass === "summary" || artifactClass === "guidance") &&
        /\.(?:md|txt)$/i.test(name ?? "")
    )
}

function documentOf(ctx: ActionContext, warning: Warning, artifact: WarningArtifact, master: Master): PartnerDocument {
    const { keys, publisherSettings: publishing, portalOrigin } = ctx.services
    const text = trimmed(unmarkedText(master.name, master.content))
    const textFor = (textClass: "summary" | "guidance") => (artifact.class === textClass && text !== "" ? text : null)
    const { since, from } = artifact
    const changedAt = Math.max(since, from, warning.changedAt)
    const version = `1.${warning.revision - 1}.${master.version - 1}`
    const advisory: Advisory = {
        id: `${publishing.prefix}-${commonId(keys, "csaf-ids", [master.artifact])}`,
        publisher: publisherOf(publishing, portalOrigin),
        title: `${warning.title}: ${artifact.class}`,
        vulnerabilities: warning.vulnerabilities.map(({ cve, cwe, vector, products }) => {
            return { cve, cwe, vector, products: distinctProducts(products) }
        }),
        credit: null,
        summary: textFor("summary"),
        guidance: textFor("guidance"),
        revisions: historyOf(version, since, changedAt),
    }
    return {
        advisory,
        version,
        warning,
        artifact,
        master,
        label: artifact.tlp === "RED" ? "RED" : "AMBER+STRICT",
        group: commonId(keys, "csaf-groups", [master.artifact]),
    }
}

const firstVersion = "1.0.0"

function historyOf(version: string, first: Instant, current: Instant): Advisory["revisions"] {
    const firstRevision = { number: 1, at: first, summary: "First version." }
    if (version === firstVersion) return [{ ...firstRevision, at: current }]
    return [firstRevision, { number: 2, at: current, summary: "Current version. Versions in between are not listed." }]
}

/** Renders a document. Throws where it is not valid, so that it is not sent. */
export function documentText(document: PartnerDocument, csafVersion: CsafVersion): string {
    const { advisory, label } = document
    const versions = advisory.revisions.length === 1 ? [document.version] : [firstVersion, document.version]
    const { withdrawnAt, publication } = document.warning
    const issue: Issuance = {
        collection: collectionOf(label, csafVersion),
        status: "interim",
        hasPage: false,
        numbers: versions,
        disclosedAt: withdrawnAt === null ? publication : null,
        readers: { text: `TLP 2.0: TLP:${label}. ${labelLimits[label]}`, group: document.group },
        notes: [embargoNote(document)],
    }
    const text = `${JSON.stringify(renderCsaf(advisory, issue), null, 2)}\n`
    const faults = csafIssues(text, "group")
    if (faults.length > 0) throw new Error(`not a valid CSAF document: ${issuePlaces(faults)}`)
    return text
}

const labelLimits: Readonly<Record<PartnerLabel, string>> = {
    "AMBER+STRICT": "Only within your own organisation, and there only for people who need it.",
    RED: "Only for the people who may read it here.",
}

/** Writes the embargo as a note, because the label only limits the readers. */
function embargoNote({ warning, artifact }: PartnerDocument): Json {
    return { category: "legal_disclaimer", title: "Embargo", text: embargoText(warning, artifact.pap) }
}
