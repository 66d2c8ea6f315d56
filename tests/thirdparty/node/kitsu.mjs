// Asks Kajabi by the JSON:API client kitsu, and prints what it made of each answer.
//
//   node kitsu.mjs '[["list", {"page": {"size": 100}}], ["get", "123", {"include": "offer"}], ["post", "123", "deactivate"]]'
//
// `list` is every page, by the links to the next; `post` is what is done to a purchase.
import Kitsu from "kitsu";

const api = new Kitsu({
  baseURL: "https://api.kajabi.com/v1",
  headers: { Authorization: `Bearer ${process.env.TOKEN}` },
  camelCaseTypes: false,
  resourceCase: "none",
  pluralize: false,
});

const tasks = {
  async list(params) {
    const pages = [await api.get("purchases", { params })];
    for (let { next } = pages[0].links; next; { next } = pages.at(-1).links) pages.push(await api.request({ url: next }));
    return pages;
  },
  get: async (id, params) => api.get(`purchases/${id}`, { params }),
  post: async (id, verb) => api.request({ method: "POST", url: `purchases/${id}/${verb}`, type: "purchases", body: { id } }),
};

const told = ({ message, errors, response }) => {
  if (!response) throw new Error(`there was no answer: ${message}`);
  return { errors, status: response.status };
};

const came = [];
for (const [task, ...given] of JSON.parse(process.argv[2])) came.push(await tasks[task](...given).catch(told));
console.log(JSON.stringify(came));
