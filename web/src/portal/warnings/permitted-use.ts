/** The permitted use of a warning before publication: from the case's permission and the agreement. Pure. */
import type { Obligation } from "../../../../server/src/trust/partners/agreements/obligation.ts"
import type { Warning } from "../answers.ts"
import { t } from "../../messages/message.ts"

export interface Use {
    readonly text: string
    readonly isAllowed: boolean
}

const forbidden: Readonly<Partial<Record<Obligation["kind"], string>>> = {
    in_house_protections_only: t("Ship rules or signatures to customers"),
    no_onward_disclosure_before_publication: t("Disclose that this case exists"),
    no_offensive_use: t("Test systems of third parties"),
}

const deployments = {
    allowed: { text: t("Deploy fixes and mitigations"), isAllowed: true },
    hosted_only: { text: t("Deploy fixes only where outsiders cannot see the change"), isAllowed: true },
    not_allowed: { text: t("Deploy fixes or mitigations before publication"), isAllowed: false },
} as const

export function usesOf({ permission }: Pick<Warning, "permission">, obligations: readonly Obligation[]): Use[] {
    const kinds = new Set(obligations.map(({ kind }) => kind))
    return [
        { text: t("Protect your own systems"), isAllowed: true },
        { text: t("Share with your people who may see this warning"), isAllowed: true },
        ...(permission === null ? [] : [deployments[permission.deployment]]),
        ...Object.entries(forbidden).flatMap(([kind, text]) =>
            kinds.has(kind as Obligation["kind"]) ? [{ text, isAllowed: false }] : [],
        ),
    ]
}
