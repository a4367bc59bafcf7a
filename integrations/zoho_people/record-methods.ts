/** Methods about forms and their records. What forms there are is each organisation's own. */
import type { Params, PluginMethod, VendorAnswer } from "../plugin.ts";
import { isObject } from "../requests/json-messages.ts";
import { free, integer, oneOf, pageSchema, paramsOf, text } from "../requests/param-schemas.ts";
import { unfit } from "../requests/vendor-url.ts";
import { recordsOf, resultOf, writtenId } from "./people-answer.ts";
import { peopleGet, peoplePost } from "./people-request.ts";

/** The most that the vendor gives; more is refused with 7021. */
const PAGE = 200;
const FORM = text("Link name of the form, from `listForms`.", { examples: ["employee"] });
const RECORD = text("Id of the record.", { maxLength: 40, examples: ["413124000068132003"] });
const FIELDS = free(
  "Values by the label names of the form's fields. A lookup takes the id of what it points to.",
  { minProperties: 1 },
);

const listForms: PluginMethod = {
  method: {
    name: "listForms",
    title: "List forms",
    description:
      "Lists the organisation's forms (employee, department, leave, its own) with the link names " +
      "by which their records are read.",
    resource: "form",
    paramSchema: paramsOf({}),
    responseSchema: pageSchema("Forms: `formLinkName`, `displayName`, `PermissionDetails`."),
    safe: true,
    idempotent: true,
    scopes: ["ZOHOPEOPLE.forms.READ"],
  },
  request: (_, { config }) => peopleGet(config, "/forms"),
  data: (answer) => {
    const result = resultOf(answer);
    return { items: Array.isArray(result) ? result : [], nextPage: null };
  },
};

const getRecords: PluginMethod = {
  method: {
    name: "getRecords",
    title: "Get a form's records",
    description:
      "Lists or finds records of a form, for example the employees: all, those changed since a " +
      "time, or those with a value.",
    resource: "record",
    paramSchema: paramsOf({
      form: FORM,
      "index?": integer("Place of the first one, from 1, from `nextPage`.", 1, 10_000_000),
      "limit?": integer("Records a page.", 1, PAGE, { default: PAGE }),
      "modifiedSinceMs?": integer(
        "Only what was added or changed since, in epoch milliseconds.",
        0,
        99_999_999_999_999,
      ),
      "searchBy?": oneOf("What `searchValue` is.", ["EMPLOYEEID", "EMPLOYEEMAILALIAS"]),
      "searchValue?": text("The employee's id or mail address."),
    }),
    responseSchema: pageSchema("Records: `recordId`, and the form's fields."),
    safe: true,
    idempotent: true,
    scopes: ["ZOHOPEOPLE.forms.READ"],
  },
  request: (params, { config }) =>
    peopleGet(config, "/forms/{form}/getRecords", params, page(params)),
  data: recordPage,
};

const getRecord: PluginMethod = {
  method: {
    name: "getRecord",
    title: "Get a record",
    description: "Reads one record of a form, for example one employee, with all its sections.",
    resource: "record",
    paramSchema: paramsOf({ form: FORM, recordId: RECORD }),
    responseSchema: free("The record, by section."),
    safe: true,
    idempotent: true,
    scopes: ["ZOHOPEOPLE.forms.READ"],
  },
  request: (params, { config }) =>
    peopleGet(config, "/forms/{form}/getRecordByID", params, { recordId: String(params.recordId) }),
  data: (answer) => {
    const result = resultOf(answer);
    const record = Array.isArray(result) ? result[0] : result;
    return isObject(record) ? record : null;
  },
};

const addRecord: PluginMethod = {
  method: {
    name: "addRecord",
    title: "Add a record",
    description:
      "Adds a record to a form, for example an employee or a department. A new employee gets an " +
      "invitation by mail.",
    resource: "record",
    paramSchema: paramsOf({ form: FORM, fields: FIELDS }),
    responseSchema: free("`recordId` of the new record."),
    safe: false,
    idempotent: false,
    scopes: ["ZOHOPEOPLE.forms.CREATE"],
  },
  request: (params, { config }) =>
    peoplePost(config, "/forms/json/{form}/insertRecord", params, {
      inputData: JSON.stringify(params.fields),
    }),
  data: writtenId,
};

const updateRecord: PluginMethod = {
  method: {
    name: "updateRecord",
    title: "Update a record",
    description: "Changes fields of a record of a form. What is not named stays.",
    resource: "record",
    paramSchema: paramsOf({ form: FORM, recordId: RECORD, fields: FIELDS }),
    responseSchema: free("`recordId` of the record."),
    safe: false,
    idempotent: true,
    scopes: ["ZOHOPEOPLE.forms.UPDATE"],
  },
  request: (params, { config }) =>
    peoplePost(config, "/forms/json/{form}/updateRecord", params, {
      inputData: JSON.stringify(params.fields),
      recordId: params.recordId,
    }),
  data: writtenId,
};

function page({ index = 1, limit = PAGE, modifiedSinceMs, searchBy, searchValue }: Params) {
  if ((searchBy === undefined) !== (searchValue === undefined))
    throw unfit("searchValue", "and `searchBy` belong together");

  return {
    sIndex: index as number,
    limit: limit as number,
    modifiedtime: modifiedSinceMs as number,
    SearchColumn: searchBy as string,
    SearchValue: searchValue as string,
  };
}

/** A short page is the last one: the vendor says neither a total nor an end. */
function recordPage(answer: VendorAnswer, _: unknown, params: Params) {
  const items = recordsOf(answer);
  const next = Number(params.index ?? 1) + items.length;
  return { items, nextPage: items.length < Number(params.limit ?? PAGE) ? null : { index: next } };
}

export const recordMethods: readonly PluginMethod[] = [
  listForms,
  getRecords,
  getRecord,
  addRecord,
  updateRecord,
];
