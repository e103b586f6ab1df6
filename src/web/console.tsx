/** The operator's console: which screen stands at which address. */
import { createRootRoute, createRoute } from "@tanstack/react-router"
import { useParam } from "./kit/address.ts"
import { SignIn } from "./kit/app.tsx"
import { ApplicationScreen } from "./console/application.tsx"
import { Applications } from "./console/applications.tsx"
import { Agreements } from "./console/agreements.tsx"
import { Canaries } from "./console/canaries.tsx"
import { CaseScreen } from "./console/case.tsx"
import { CasesScreen } from "./console/cases.tsx"
import { ClocksScreen } from "./console/clocks.tsx"
import { DuesScreen } from "./console/dues.tsx"
import { Evidence, EvidenceList } from "./console/evidence.tsx"
import { Exposure } from "./console/exposure.tsx"
import { Home } from "./console/home.tsx"
import { Inquiries } from "./console/inquiries.tsx"
import { InquiryScreen } from "./console/inquiry.tsx"
import { LedgerScreen } from "./console/ledger.tsx"
import { PlanScreen } from "./console/plan.tsx"
import { PartnerScreen } from "./console/partner.tsx"
import { Measures } from "./console/measures.tsx"
import { Partners } from "./console/partners.tsx"
import { ProcedureScreen } from "./console/procedures.tsx"
import { Persons } from "./console/persons.tsx"
import { Policies, PolicyScreen } from "./console/policies.tsx"
import { RecordScreen } from "./console/record.tsx"
import { Reports } from "./console/reports.tsx"
import { RulesScreen } from "./console/rules.tsx"
import { MyAccess, Nowhere, SignedInFrame } from "./console/frame.tsx"

const root = createRootRoute({ notFoundComponent: Nowhere })
const signIn = createRoute({ getParentRoute: () => root, path: "/sign-in", component: SignIn })
const signedIn = createRoute({ getParentRoute: () => root, id: "signed-in", component: SignedInFrame })

const at = (path: string, component: () => React.ReactNode) =>
    createRoute({ getParentRoute: () => signedIn, path, component })

const oneCase = at("/cases/$id", () => <CaseScreen id={useParam("id")} />)
const onePartner = at("/partners/$id", () => <PartnerScreen id={useParam("id")} />)
const oneApplication = at("/applications/$id", () => <ApplicationScreen id={useParam("id")} />)
const onePolicy = at("/policies/$version", () => <PolicyScreen version={Number(useParam("version"))} />)
const oneEvidence = at("/evidence/$id", () => <Evidence id={useParam("id")} />)

const oneProcedure = at("/procedures/$id", () => <ProcedureScreen id={useParam("id")} />)
const oneInquiry = at("/inquiries/$id", () => <InquiryScreen id={useParam("id")} />)

const screens = [
    ...[at("/", Home), at("/cases", CasesScreen), at("/partners", Partners), at("/policies", Policies)],
    ...[
        at("/evidence", EvidenceList),
        at("/evidence/cross-case", LedgerScreen),
        at("/canaries", Canaries),
        at("/inquiries", Inquiries),
        at("/measures", Measures),
        at("/exposure", Exposure),
    ],
    ...[
        at("/schedule", PlanScreen),
        at("/regulatory-clocks", ClocksScreen),
        at("/applications", Applications),
        at("/requirements", DuesScreen),
        at("/program-rules", RulesScreen),
    ],
    ...[at("/agreements", Agreements), at("/statistics", Reports), at("/staff", Persons), at("/me", MyAccess)],
    ...[
        at("/audit-log", RecordScreen),
        oneCase,
        onePartner,
        oneApplication,
        onePolicy,
        oneEvidence,
        oneInquiry,
        oneProcedure,
    ],
]

export const consoleTree = root.addChildren([signIn, signedIn.addChildren(screens)])
