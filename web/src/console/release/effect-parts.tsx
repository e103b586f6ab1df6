/** Parts of an approval's effects that name other objects. */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { formatInstant } from "@tocsin/base/instant"
import type { Doubt } from "../../../../server/src/models/clock-trust.ts"
import type { WaveTier } from "../../../../server/src/share/waves/wave.ts"
import { When } from "../../kit/instant.tsx"
import { nameOr } from "../../kit/text.ts"
import { rich, t } from "../../messages/message.ts"
import type { Approval } from "../answers.ts"
import { type Names, useMayRead } from "../artifacts/viewer.tsx"
import { doubtWords, tierNames } from "../words.ts"

export function detailOf(approval: Approval): Readonly<Record<string, unknown>> {
    const { detail } = approval.effects
    return typeof detail === "object" && detail !== null && !Array.isArray(detail) ? { ...detail } : {}
}

/** Returns the `link` of a message: it leads to a page. */
export const linkTo = (path: string) => (text: ReactNode) => <Link to={path}>{text}</Link>

/** Names the document by its version. The attribution is for people who may read evidence. */
export function OpenedKey({ approval }: { approval: Approval }) {
    const { inquiry } = detailOf(approval)
    if (typeof inquiry !== "string") {
        return t(
            "An external expert gets the mark keys of these versions, to recompute an attribution. With these keys, the expert can make the copy of every partner",
        )
    }
    return rich(
        "An external expert gets the mark keys of these versions, to recompute an attribution for <link>an inquiry</link>. With these keys, the expert can make the copy of every partner",
        { link: linkTo(`/leaks/inquiries/${inquiry}`) },
    )
}

export function ThawedWave({ approval }: { approval: Approval }) {
    const { tier, frozenAt } = detailOf(approval)
    return rich("Partners can again fetch what the {tier} wave released. It has been frozen since {since}", {
        tier: tierNames[tier as WaveTier] ?? String(tier),
        since: <When at={formatInstant(Number(frozenAt))} />,
    })
}

/** Names frozen waves, because the signature unfreezes them. */
export function BrokenEmbargo({ approval, names }: { approval: Approval; names: Names }) {
    const detail = detailOf(approval)
    const id = String(detail.case)
    const read = useMayRead("wave:read", `/api/cases/${id}/waves`)
    const waves = read.data?.waves ?? []
    const frozen = Array.isArray(detail.frozen) ? detail.frozen.map(String) : []
    const tierOf = (wave: string) => waves.find((item) => item.id === wave)?.tier
    const frozenNames = frozen.map((wave) => nameOr(tierNames[tierOf(wave) as WaveTier], "wave", read.isLoading))
    return (
        <>
            {rich(
                "The embargo of {case} ends: all remaining waves and the publication are released at once. You cannot undo this.",
                { case: linkTo(`/cases/${id}`)(names.case(id)) },
            )}{" "}
            {frozen.length > 0 && (
                <strong>{t("These frozen waves are released too: {waves}.", { waves: frozenNames.join(", ") })}</strong>
            )}
        </>
    )
}

/** Shows the clock confirmation: one reading of both clocks, and the reason for distrust. */
export function AttestedClock({ approval }: { approval: Approval }) {
    const { application, database, doubt, since } = detailOf(approval) as Readonly<Record<string, number>> & {
        doubt: Doubt
    }
    return rich(
        "The clocks were right when they showed {database} (the database) and {program} (the program). Releases continue. They have been paused since {since}: {doubt}",
        {
            database: <When at={formatInstant(database ?? 0)} />,
            program: <When at={formatInstant(application ?? 0)} />,
            since: <When at={formatInstant(since ?? 0)} short />,
            doubt: doubtWords[doubt],
        },
    )
}
