/** Names and links for the objects of an event, as far as the viewer may read them. */
import { Link } from "@tanstack/react-router"
import { useArtifacts, useCan, useCases, useColleagues, usePartners } from "../artifacts/viewer.tsx"
import { useRead } from "../api.ts"
import { type Body, type NamedObject, type Part, namedFields } from "./sentence.ts"
import { t } from "../../messages/message.ts"

export interface EventName {
    readonly name: string
    /** Null: the viewer may not open it. */
    readonly to: string | null
}

export type Naming = (object: NamedObject, id: string) => EventName | null

/**
 * Returns the names of objects. A viewer that may not read the names of cases or partners gets their number in the
 * order of the log. Null: neither a name nor a number is known.
 */
export function useNaming(): Naming {
    const can = useCan()
    const cases = useCases().data?.cases
    const partners = usePartners().data?.partners
    const artifacts = useArtifacts()
    const staff = useColleagues()
    const isNumbered = !can("case:read") || !can("partner:read")
    const subjects = useRead(isNumbered ? "/api/audit-log/subjects" : null).data
    return (object, id) => {
        if (object === "case") {
            const title = cases?.find((item) => item.id === id)?.title
            return title === undefined ? numbered("case", subjects?.cases, id) : { name: title, to: `/cases/${id}` }
        }
        if (object === "partner") {
            const name = partners?.find((item) => item.id === id)?.name
            return name === undefined ? numbered("partner", subjects?.partners, id) : { name, to: `/partners/${id}` }
        }
        if (object === "artifact") {
            const artifact = artifacts.find((item) => item.id === id)
            return artifact === undefined ? null : { name: artifact.name, to: `/cases/${artifact.case}/artifacts` }
        }
        const name = staff.find((item) => item.id === id)?.name
        return name === undefined ? null : { name, to: null }
    }
}

type Subjects = readonly { readonly id: string }[] | undefined

function numbered(object: "case" | "partner", subjects: Subjects, id: string): EventName | null {
    const number = (subjects?.findIndex((item) => item.id === id) ?? -1) + 1
    if (number === 0) return null
    return { name: object === "case" ? t("case {number}", { number }) : t("partner {number}", { number }), to: null }
}

const unknownNames: Readonly<Record<NamedObject, string>> = {
    case: t("a case"),
    partner: t("a partner"),
    artifact: t("an artifact"),
    person: t("a partner's person"),
}

interface ObjectNameProps {
    object: NamedObject
    id: string
    naming: Naming
    /** The text where the viewer may not know the name. */
    unnamed?: string
}

export function ObjectName({ object, id, naming, unnamed = unknownNames[object] }: ObjectNameProps) {
    const found = naming(object, id)
    if (found === null) return <>{unnamed}</>
    return found.to === null ? <>{found.name}</> : <Link to={found.to}>{found.name}</Link>
}

export function Sentence({ parts, naming }: { parts: readonly Part[]; naming: Naming }) {
    return parts.map((part, n) =>
        typeof part === "string" ? (
            // The parts of one sentence never move.
            <span key={n}>{part}</span>
        ) : (
            <ObjectName key={part.id} {...part} naming={naming} />
        ),
    )
}

/** Returns who did it: a staff member, a partner's person, or Tocsin. The actor of a confidential event is hidden. */
export function actorOf(body: Body, naming: Naming): string {
    if (body === null) return t("Confidential:")
    const by = body["by"]
    if (typeof by !== "string") return "Tocsin"
    const staff = naming("person", by)
    if (staff !== null) return staff.name
    const partner = body["partner"]
    const found = typeof partner === "string" ? naming("partner", partner) : null
    return found === null ? t("A partner's person") : t("A person of {partner}", { partner: found.name })
}

/** Returns the case and the partner that an event is about. */
export function subjectsOf(body: Body): readonly { readonly object: NamedObject; readonly id: string }[] {
    return ["case", "partner"].flatMap((field) => {
        const id = body?.[field]
        const object = namedFields[field]
        return typeof id === "string" && object !== undefined ? [{ object, id }] : []
    })
}
