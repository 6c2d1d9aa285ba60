// The console's words in both languages.

import { lang } from "/shop/i18n.js";

const WORDS = {
  console: ["Merchandiser's console", "运营控制台"],
  key: ["Admin key", "管理密钥"],
  connect: ["Connect", "连接"],
  connected: ["Connected. The key is kept until this tab is closed.", "已连接。密钥只保存到关闭此标签页。"],
  refused: ["The key was refused.", "密钥不正确。"],
  needKey: ["Enter the admin key (PARTFIT_ADMIN_KEY of the service) to see and change the policy.", "输入管理密钥（服务的 PARTFIT_ADMIN_KEY）以查看和修改策略。"],
  failed: ["That did not work: {text}", "操作失败：{text}"],
  service: ["In service", "当前版本"],
  generation: ["Index generation", "索引版本"],
  policyVersion: ["Policy", "策略"],
  modelVersion: ["Ranking model", "排序模型"],
  degraded: ["Not working", "不可用"],
  none: ["none", "无"],
  policy: ["Policy", "策略"],
  policyHint: ["Boost, bury, pin, hide, synonyms, redirects, banners. Edit a copy, check it, publish it; what is published can be taken back.", "提升、压低、置顶、隐藏、同义词、跳转、横幅。编辑、检查、发布；发布后可以回滚。"],
  editor: ["Policy text (YAML)", "策略内容（YAML）"],
  check: ["Check", "检查"],
  publish: ["Publish", "发布"],
  rollback: ["Roll back to the one before", "回滚到上一版"],
  checkedOk: ["No fault found.", "没有发现问题。"],
  published: ["Policy {version} is in service.", "策略 {version} 已生效。"],
  current: ["in service", "使用中"],
  builtIn: ["The built-in policy {version} is in service.", "使用内置默认策略 {version}。"],
  sureRollback: ["Take the policy in service back?", "确定回滚当前策略？"],
  zero: ["Searches that found nothing", "无结果的搜索"],
  zeroHint: ["Each is a customer who left without an answer: add a synonym, a part type name, or the part.", "每一条都是没有得到答案的顾客：补充同义词、配件名称或商品。"],
  query: ["Search", "搜索词"],
  count: ["Times in {days} days", "{days} 天内次数"],
  noZero: ["None. Every search logged so far found something.", "没有。目前记录的搜索都有结果。"],
  generations: ["Index generations", "索引版本"],
  parts: ["Parts", "配件数"],
  created: ["Built", "构建时间"],
  goBack: ["Put in service", "启用"],
  sureGeneration: ["Put generation {id} in service?", "确定启用版本 {id}？"],
};

/** The words for `key` in the language of the page. */
export function w(key, values = {}) {
  const words = WORDS[key]?.[lang() === "zh" ? 1 : 0] ?? key;
  return words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function translate() {
  document.documentElement.lang = lang() === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-w]")) element.textContent = w(element.dataset.w);
  for (const button of document.querySelectorAll("[data-lang]")) button.setAttribute("aria-pressed", String(button.dataset.lang === lang()));
}
