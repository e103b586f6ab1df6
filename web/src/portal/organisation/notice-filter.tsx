/**
 * The notice filter: the products that cause notices at a wave's release. Leads set it; the partner's people see it.
 */
import {
    type Pattern,
    normalisePatterns,
    formatPattern,
    parsePatterns,
    patternsMax,
} from "../../../../server/src/share/delivery/notices/filter.ts"
import { hasCaseAccess } from "../../../../server/src/trust/partners/partner.ts"
import { useRead, writeTo } from "../api.ts"
import { FormDialog, faultBy } from "../../kit/form.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Section, Table } from "../../kit/table.tsx"
import { standingWords } from "../../kit/text.ts"
import { useMe, useWhyNot } from "../viewer.ts"
import { RecognitionWords } from "./recognition-words.tsx"
import { t } from "../../messages/message.ts"

export function NoticesPage() {
    return (
        <Page title={t("Organisation")} tabTitle={t("Notices")}>
            <NoticeFilter />
            <RecognitionWords />
        </Page>
    )
}

function NoticeFilter() {
    const filter = useRead("/api/notice-filter")
    return (
        <Section
            title={t("Notice filter")}
            aside={filter.data !== undefined && <Change patterns={filter.data.patterns} />}
        >
            <p className="caution">
                {t(
                    "With a list of products, you get a notice of a wave only if its case names one of them, or no product. You still see and fetch all your warnings. Notices of recalls, letters and requirements stay the same.",
                )}
            </p>
            <Loaded query={filter}>{({ patterns }) => <Known patterns={patterns} />}</Loaded>
            <p className="caution">
                {t(
                    "Staff of the operator do not see the list. The audit log says when you got a notice, so its readers can see for which waves you got none.",
                )}
            </p>
        </Section>
    )
}

function Known({ patterns }: { patterns: readonly Pattern[] }) {
    if (patterns.length === 0) return <Empty title={t("No products listed. You get a notice of every wave.")} />
    return (
        <Table
            caption={t("Products with notices")}
            rows={patterns}
            keyOf={formatPattern}
            columns={[
                { name: t("Vendor"), cell: ({ vendor }) => <strong>{vendor}</strong> },
                {
                    name: t("Product"),
                    cell: ({ product }) => product ?? <span className="muted">{t("all products")}</span>,
                },
            ]}
        />
    )
}

function Change({ patterns }: { patterns: readonly Pattern[] }) {
    const { status } = useMe().partner
    const closed = hasCaseAccess(status)
        ? null
        : t("not possible while your organisation is {status}", {
              status: standingWords[status].name,
          })
    return (
        <FormDialog
            button={t("Change products…")}
            title={t("Notice filter")}
            submit={t("Save")}
            disabledReason={useWhyNot()("notice_filter:write") ?? closed}
            requests={[
                {
                    name: "patterns",
                    label: t("Products"),
                    kind: "text",
                    optional: true,
                    initial: patterns.map(formatPattern).join("\n"),
                    hint: t(
                        "One line each: a vendor, or a vendor and a product, for example “Microsoft; SharePoint”. {max} lines at most. Without lines you get every notice.",
                        { max: patternsMax },
                    ),
                    check: linesFault,
                },
            ]}
            write={({ patterns: text }) =>
                writeTo("PUT", "/api/notice-filter", { patterns: normalisePatterns(parsePatterns(text)) })
            }
        >
            <p>
                {t(
                    "Capitals, spaces and punctuation are ignored. A part of a name is enough: “SharePoint” also finds “SharePoint Server 2019”. In doubt you get the notice. Changes apply from the next wave.",
                )}
            </p>
        </FormDialog>
    )
}

const linesFault = (text: string) => faultBy(() => normalisePatterns(parsePatterns(text)))
