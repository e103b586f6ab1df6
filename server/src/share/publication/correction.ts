/** A correction of a published advisory, compared with what is public. */
import type { PageParts } from "@tocsin/formats/advisory/page"
import type { CsafIssue } from "@tocsin/formats/csaf/issues"

export interface DocumentFault extends CsafIssue {
    /** The names of the documents. */
    readonly forms: readonly string[]
}

export interface ComparedDocument {
    readonly name: string
    /** Null: the document is new. */
    readonly before: string | null
    /** Null: the document is not built, because facts are missing or the product left the advisory. */
    readonly after: string | null
}

export interface CorrectionPreview {
    readonly advisory: string
    /** The address of its page. */
    readonly address: string
    /** The number of the revision that is public. */
    readonly revision: number
    readonly before: PageParts
    /** Equal to `before` where nothing changes. */
    readonly after: PageParts
    readonly documents: readonly ComparedDocument[]
    /** The faults for which the correction would be refused. */
    readonly faults: readonly DocumentFault[]
}

export interface ProposedPreview extends CorrectionPreview {
    /** The artifacts whose public text changes. */
    readonly changed: readonly string[]
}
