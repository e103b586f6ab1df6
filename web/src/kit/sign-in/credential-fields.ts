/** Questions about a credential of a machine: its name, its scopes and its networks. */
import { choicesOf } from "../field.tsx"
import { t } from "../../messages/message.ts"

/** The scopes, from the least to the most. */
export const scopes = ["poll", "fetch", "report", "manage"] as const
export type Scope = (typeof scopes)[number]

export const nameField = {
    name: "name",
    label: t("Name"),
    kind: "line",
    hint: t("The tool and its machine, for example: SIEM, collector 2."),
    length: { min: 1, max: 60 },
    codes: ["identity.bad_token_name"],
} as const

/** `initial`: the scopes that are ticked. */
export const scopesField = (initial: readonly Scope[]) =>
    ({
        name: "scopes",
        label: t("Scopes"),
        kind: "choices",
        from: choicesOf(scopes),
        initial: initial.join("\n"),
        hint: t(
            "Poll: read warnings and feeds. Fetch: download copies. Report: send sightings, acknowledgements and results. Manage: everything else that you may do.",
        ),
        check: (value: string) => (value === "" ? t("tick one or more") : null),
    }) as const

export const networksField = {
    name: "networks",
    label: t("Networks"),
    kind: "text",
    optional: true,
    hint: t("One a line, for example 192.0.2.0/24. Empty: any."),
    codes: ["identity.bad_network"],
} as const
