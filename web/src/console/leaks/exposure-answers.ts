/** Answers of the API about exposure, and the filters of a question. */
import type {
    CaseExposure,
    Contact,
    Course,
    Exposed,
    Held,
    Narrowed,
} from "../../../../server/src/trace/inquiries/exposure.ts"

type Told<Of> = { readonly [Key in keyof Of]: Of[Key] extends number | null ? string | null : Of[Key] }

export interface PersonRow extends Told<Contact> {
    readonly person: string
}

export interface Row extends Told<Omit<Exposed, "held" | "persons">> {
    readonly persons: readonly PersonRow[]
    readonly held: readonly (Omit<Held, "at"> & { readonly at: string })[]
}

export interface CourseAnswer extends Pick<Told<Course>, "embargoEnds" | "exploitedAt"> {
    readonly waves: readonly Told<Course["waves"][number]>[]
    readonly touched: { readonly at: string; readonly grade: string } | null
}

export interface CaseAnswer extends Pick<CaseExposure, "case" | "asked" | "own"> {
    readonly partners: readonly Row[]
    readonly course: CourseAnswer
}

export interface ExposureAnswer extends Narrowed {
    readonly before: string
    readonly cases: readonly CaseAnswer[]
}

/** Labels of delivery channels. */
export const channelWords: Readonly<Record<Held["channel"], string>> = {
    copy: "downloaded, its own copy",
    "taxii copy": "polled by TAXII, its own copy",
    taxii: "polled by TAXII",
    csaf: "polled as CSAF",
    misp: "polled as MISP",
}
