/** The viewer, the viewer's partner and permissions. */
import { createContext, use } from "react"
import { permissions, hasPermission } from "../../../server/src/kernel/permissions.ts"
import { isLockedOut, hasCaseAccess } from "../../../server/src/trust/partners/partner.ts"
import { useRead } from "./api.ts"
import type { Me } from "./answers.ts"
import { nameOr, standingWords } from "../kit/text.ts"
import { t } from "../messages/message.ts"

export const Viewer = createContext<Me | null>(null)

export function useMe(): Me {
    const me = use(Viewer)
    if (me === null) throw new Error("no person is signed in")
    return me
}

export function useWhyNot(): (need: string) => string | null {
    const { person, partner } = useMe()
    const actor = { kind: "partner" as const, partner: partner.id, person: person.id, roles: person.roles }
    return (need) => {
        if (!hasPermission(actor, need)) return t("only a lead of your organisation can do this")
        const isClosed = permissions[need]?.status === "in" && isLockedOut(partner.status)
        return isClosed
            ? t("not possible while your organisation is {status}", {
                  status: standingWords[partner.status].name,
              })
            : null
    }
}

/** Sends a request only with case access; the server would refuse it otherwise. */
export function useWarnings() {
    return useRead(hasCaseAccess(useMe().partner.status) ? "/api/warnings" : null)
}

export function useConsents() {
    return useRead(hasCaseAccess(useMe().partner.status) ? "/api/consents" : null)
}

/** Names the partner's people, including former ones. */
export function useNameOf(): (person: string) => string {
    const { roster } = useMe().partner
    return (person) => nameOr(roster.find(({ id }) => id === person)?.name, "person", false)
}

export const useLetters = () => useRead("/api/letters")

/** Reads the open questions, for leads. The server refuses other people. */
export function useInquiryQuestions() {
    const isLead = useMe().person.roles.includes("lead")
    return useRead(isLead ? "/api/inquiries" : null)
}

/** Reads the questions about warnings, with case access only. */
export function useWarningQuestions() {
    return useRead(hasCaseAccess(useMe().partner.status) ? "/api/warning-questions" : null)
}

export const useRequirements = () => useRead("/api/requirements")
