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
import { Section, Table } from "../../kit/table.tsx"
import { useMe, useWhyNot } from "../viewer.ts"

export function NoticeFilter() {
    const filter = useRead("/api/notice-filter")
    return (
        <Section
            title="What we tell you about"
            aside={filter.data !== undefined && <Change patterns={filter.data.patterns} />}
        >
            <p className="caution">
                With a list of products, mail and webhooks tell you that a wave brought something only where its case
                names one of them, or no product at all. Nothing else changes: you see and fetch every warning that is
                yours, and recalls, letters and what you owe reach you as before.
            </p>
            <Loaded query={filter}>{({ patterns }) => <Known patterns={patterns} />}</Loaded>
            <p className="caution">
                The program’s staff is not shown the list. Its record says when you were mailed, so whoever reads that
                can see of which waves you were not.
            </p>
        </Section>
    )
}

function Known({ patterns }: { patterns: readonly Pattern[] }) {
    if (patterns.length === 0) return <Empty title="No product is listed: you are told of every wave." />
    return (
        <Table
            caption="Products that you are told about"
            rows={patterns}
            keyOf={formatPattern}
            columns={[
                { name: "Vendor", cell: ({ vendor }) => <strong>{vendor}</strong> },
                { name: "Product", cell: ({ product }) => product ?? <span className="muted">all of them</span> },
            ]}
        />
    )
}

function Change({ patterns }: { patterns: readonly Pattern[] }) {
    const { status } = useMe().partner
    const closed = hasCaseAccess(status) ? null : `not while your organisation is ${status}`
    return (
        <FormDialog
            button="Change the products…"
            title="What we tell you about"
            submit="Save"
            disabledReason={useWhyNot()("notice_filter:write") ?? closed}
            requests={[
                {
                    name: "patterns",
                    label: "Products",
                    kind: "text",
                    optional: true,
                    initial: patterns.map(formatPattern).join("\n"),
                    hint:
                        "One a line: a vendor, or a vendor, a semicolon and a product, as in “Microsoft; SharePoint”. " +
                        `${patternsMax} lines at most. With none you are told of everything.`,
                    check: linesFault,
                },
            ]}
            write={({ patterns: text }) =>
                writeTo("PUT", "/api/notice-filter", { patterns: normalisePatterns(parsePatterns(text)) })
            }
        >
            <p>
                Capitals, spaces and signs do not count, and a part of a name is enough: “SharePoint” stands for
                “SharePoint Server 2019”. In doubt you are told. It holds from the next wave on.
            </p>
        </FormDialog>
    )
}

const linesFault = (text: string) => faultBy(() => normalisePatterns(parsePatterns(text)))
