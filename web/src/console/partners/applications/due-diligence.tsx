/** Due diligence: the applicant's owners and countries. It decides nothing. */
import { useRead } from "../../api.ts"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { Facts, Section } from "../../../kit/table.tsx"
import { t, valueText } from "../../../messages/message.ts"

export function ApplicantDueDiligence({ partner }: { partner: string }) {
    const known = useRead(`/api/partners/${partner}/due-diligence`)
    return (
        <Section title={t("Due diligence")} aside={<span className="muted">{t("decides nothing")}</span>}>
            <Loaded query={known}>
                {({ ownership, jurisdictions }) =>
                    ownership.length + jurisdictions.length === 0 ? (
                        <Empty title={t("No due diligence yet.")}>
                            {t("A manager records owners and jurisdictions on the partner's page.")}
                        </Empty>
                    ) : (
                        <Facts
                            items={[
                                ...ownership.map(
                                    ({ name, percent, source }) =>
                                        [
                                            t("Owner"),
                                            percent === null
                                                ? t("{name}, share unknown; {source}", { name, source })
                                                : t("{name}, {percent, number} %; {source}", { name, percent, source }),
                                        ] as const,
                                ),
                                ...jurisdictions.map(
                                    ({ place, kind, source }) => [valueText(kind), `${place}; ${source}`] as const,
                                ),
                            ]}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}
