/** Actions on the selected partners. The effects on each are shown before they are requested. */
import { useState } from "react"
import { type Tier, tiers } from "../../../../../server/src/trust/partners/partner.ts"
import { inOrder, useWrite } from "../../../kit/api.ts"
import { Button } from "../../../kit/button.tsx"
import { Window } from "../../../kit/dialog.tsx"
import { Failed, Loaded } from "../../../kit/notice.tsx"
import { Icon } from "../../../kit/layout/icon.tsx"
import { saveAs } from "../../../kit/save-file.ts"
import { useAnswer, writeTo } from "../../api.ts"
import type { PartnerRow } from "../../answers.ts"
import { useWhyNot } from "../../artifacts/viewer.tsx"
import { Changed } from "../../release/change-preview.tsx"
import { tierNames } from "../../words.ts"
import { type DirectoryRow, csvOf } from "./rows.ts"
import { t } from "../../../messages/message.ts"

/** Each change is an approval of its own, and the signer reads all of them. */
const changedMax = 50

interface BulkActionsProps {
    rows: readonly DirectoryRow<PartnerRow>[]
    onClear: () => void
}

export function BulkActions({ rows, onClear }: BulkActionsProps) {
    const [isOpen, setOpen] = useState(false)
    const whyNot = useWhyNot()("partner:write")
    const tooMany = rows.length > changedMax ? t("select {most} partners at most", { most: changedMax }) : null
    if (rows.length === 0) return null
    return (
        <section className="bulk-bar" aria-label={t("Selected partners")}>
            <b>{t("{count} selected", { count: rows.length })}</b>
            <Button disabledReason={whyNot ?? tooMany} onPress={() => setOpen(true)}>
                {t("Change tier…")}
            </Button>
            <Button onPress={() => saveAs("partners.csv", csvOf(rows))}>{t("Export as CSV")}</Button>
            <Button look="quiet" label={t("Clear the selection")} onPress={onClear}>
                <Icon name="close" />
            </Button>
            <Window
                title={t("Change the tier of the selected partners")}
                wide
                open={isOpen}
                onClose={() => setOpen(false)}
            >
                <TierChange
                    partners={rows.map(({ partner }) => partner)}
                    onDone={() => {
                        setOpen(false)
                        onClear()
                    }}
                />
            </Window>
        </section>
    )
}

function TierChange({ partners, onDone }: { partners: readonly PartnerRow[]; onDone: () => void }) {
    const [tier, setTier] = useState<Tier>("entry")
    const changed = partners.filter((partner) => partner.tier !== tier)
    const partnersChanged = changed.map(({ id }) => id)
    const change = { fact: "tier", value: tier } as const
    const preview = useAnswer(
        "/api/entitlements/preview",
        changed.length === 0 ? null : { partners: partnersChanged, change },
    )
    const request = useWrite(onDone)
    return (
        <div className="form">
            <div className="field">
                <label htmlFor="bulk-tier">{t("Tier")}</label>
                <select id="bulk-tier" value={tier} onChange={(event) => setTier(event.target.value as Tier)}>
                    {tiers.map((value) => (
                        <option key={value} value={value}>
                            {tierNames[value]}
                        </option>
                    ))}
                </select>
            </div>
            {changed.length > 0 && (
                <Loaded query={preview}>
                    {({ differences }) => <Changed differences={differences} alone={false} />}
                </Loaded>
            )}
            <p className="muted">
                {t("Each change needs a second signature. One person can sign all of them in one list.")}
            </p>
            <Failed error={request.error} />
            <div className="row end">
                <Button
                    look="main"
                    busy={request.isPending}
                    disabledReason={changed.length === 0 ? t("all of them have this tier") : null}
                    onPress={() =>
                        request.mutate(
                            inOrder(partnersChanged.map((id) => writeTo("PUT", `/api/partners/${id}/tier`, { tier }))),
                        )
                    }
                >
                    {t("Request {count, plural, one {# change} other {# changes}}", { count: changed.length })}
                </Button>
            </div>
        </div>
    )
}
